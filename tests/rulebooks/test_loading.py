"""Loading rulebooks: readable faults, immutable once used."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from rating.access import SYSTEM
from rating.errors import Conflict, Invalid
from rating.extensions import db
from rating.rulebooks.content import Gaps
from rating.rulebooks.models import Rulebook
from rating.rulebooks.service import DEFAULT, digest_of, load_default_rulebook, load_rulebook
from rating.scoring import Direction
from tests.factories import RoundFactory
from tests.support.clock import START
from tests.support.plain import plain


def changed(**values: Any) -> str:
    document = yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))
    return yaml.safe_dump({**document, **values}, allow_unicode=True)


def test_the_default_rulebook_asks_10_28_and_6_in_both_languages(app: Flask) -> None:
    content = load_default_rulebook(SYSTEM, START).content
    asked = {d: len(q.indicators) for d, q in content.questionnaires.items()}
    assert asked == {
        Direction.RESIDENT_TO_COMPANY: 10,
        Direction.COMMITTEE_TO_COMPANY: 28,
        Direction.COMPANY_TO_COMMITTEE: 6,
        Direction.COMPANY_SELF: 28,
    }
    assert sum(i.highest for i in content.questionnaire(Direction.COMMITTEE_TO_COMPANY).indicators) == 100
    texts = [text for q in content.questionnaires.values() for i in q.indicators for text in (i.text, i.hint)]
    assert all(text.zh and text.en for text in texts)


def test_loading_the_same_file_again_changes_nothing(app: Flask) -> None:
    first = load_default_rulebook(SYSTEM, START)
    assert load_default_rulebook(SYSTEM, START).id == first.id


def test_an_unused_version_is_replaced(app: Flask) -> None:
    load_default_rulebook(SYSTEM, START)
    title = {"zh": "新办法", "en": "New rulebook"}
    assert load_rulebook(changed(title=title), SYSTEM, START).content.title.zh == "新办法"
    assert db.session.query(Rulebook).count() == 1


def test_a_version_that_a_round_uses_cannot_change(app: Flask) -> None:
    RoundFactory()
    with pytest.raises(Conflict, match="another version"):
        load_rulebook(changed(title={"zh": "新办法", "en": "New"}), SYSTEM, START)
    assert load_rulebook(changed(version=2), SYSTEM, START).version == 2


def test_the_database_itself_refuses_to_change_a_rulebook(app: Flask) -> None:
    load_default_rulebook(SYSTEM, START)
    with pytest.raises(DatabaseError, match="never changes"):
        db.session.execute(text("UPDATE rulebook SET version = 7"))
    db.session.rollback()


def test_every_fault_of_a_file_is_told_at_once(app: Flask) -> None:
    with pytest.raises(Invalid) as caught:
        load_rulebook(changed(version=0, title={"zh": "只有中文"}, colour="red"), SYSTEM, START)
    message = str(caught.value.message)
    assert all(name in message for name in ("version", "title.en", "colour"))


@pytest.mark.parametrize(
    ("scoring", "words"),
    [({"black": 90}, "black is not below red"), ({"level": 20}, "level"), ({"unheard_of": 1}, "unheard_of")],
)
def test_settings_that_make_no_sense_are_told(app: Flask, scoring: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        load_rulebook(changed(scoring=scoring), SYSTEM, START)


def test_a_rulebook_from_before_a_setting_keeps_its_digest_and_what_is_published_of_it(app: Flask) -> None:
    stored = load_default_rulebook(SYSTEM, START)
    assert "gaps" not in stored.document and stored.content.gaps == Gaps(20, 30)
    assert digest_of(stored.document) == stored.digest
    published = plain(stored.content.rules())
    assert not [name for name in published if name.startswith("gap")]
    newer = load_rulebook(changed(version=2, gaps={"gap_points": 25}), SYSTEM, START)
    assert newer.content.gaps == Gaps(25, 30)
    assert plain(newer.content.rules()) == published


def test_what_is_no_yaml_is_told(app: Flask) -> None:
    with pytest.raises(Invalid, match="YAML"):
        load_rulebook("{", SYSTEM, START)
