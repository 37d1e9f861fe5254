"""Sealing at the close: every resident's evaluation gets a value that binds it to what it says."""

from __future__ import annotations

import hashlib
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import select

from rating.access import SYSTEM
from rating.audit.models import Event
from rating.errors import Conflict
from rating.evaluations.models import Evaluation
from rating.evaluations.tickets import receipt_number
from rating.extensions import db
from rating.reviews import sealing
from rating.reviews.models import SealedValue
from rating.reviews.sealing import AnswersWriter, canonical_answers, check_value
from rating.reviews.service import close_round
from rating.rounds.models import RatedEstate
from tests.factories import EvaluationFactory, RatedEstateFactory, RulebookFactory
from tests.support.clock import START

METHOD = Path(__file__).parents[2] / "docs" / "method.md"


def close(rated: RatedEstate) -> None:
    close_round(rated.round, SYSTEM, START, today_is_past=True)
    db.session.commit()


def sealed() -> dict[Any, SealedValue]:
    return {one.evaluation_id: one for one in db.session.scalars(select(SealedValue))}


def documented() -> dict[str, Any]:
    """What the lines of the document define."""
    (lines,) = re.findall(r"```python\n(.*?)```", METHOD.read_text(encoding="utf-8"), re.DOTALL)
    defined: dict[str, Any] = {}
    exec(lines, defined)
    return defined


def test_closing_seals_every_residents_evaluation_and_no_other(app: Flask) -> None:
    rated = RatedEstateFactory()
    residents = [EvaluationFactory(rated_estate=rated, mark=mark) for mark in (1, 4, 5)]
    EvaluationFactory(rated_estate=rated, on_site=True)
    EvaluationFactory(rated_estate=rated, from_company=True)
    close(rated)
    assert sealed().keys() == {one.id for one in residents}
    event = db.session.scalars(select(Event).where(Event.kind == "evaluations.sealed")).one()
    assert event.data == {"count": 3}


def test_a_value_binds_answers_direction_estate_and_round(app: Flask) -> None:
    rated = RatedEstateFactory()
    one = EvaluationFactory(rated_estate=rated, marks="54321?-543")
    close(rated)
    questionnaire = rated.round.rulebook.content.questionnaire(one.direction)
    answers = canonical_answers(questionnaire, one.marks, rated.estate.code, rated.round.number)
    keys = [indicator.key for indicator in questionnaire.indicators]
    assert json.loads(answers) == {
        "answers": dict(zip(keys, [5, 4, 3, 2, 1, "unknown", "absent", 5, 4, 3], strict=True)),
        "direction": "resident_to_company",
        "estate": rated.estate.code,
        "round": rated.round.number,
    }
    seal = sealed()[one.id]
    assert seal.value == hashlib.sha256(b"\0" + seal.nonce + answers).digest() == check_value(seal.nonce, answers)


def test_equal_answers_get_different_values(app: Flask) -> None:
    rated = RatedEstateFactory()
    EvaluationFactory.create_batch(5, rated_estate=rated, mark=5)
    close(rated)
    assert len({one.value for one in sealed().values()}) == len({one.nonce for one in sealed().values()}) == 5


def test_a_round_of_many_batches_is_sealed_whole(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "SEALED_AT_ONCE", 4)
    rated = RatedEstateFactory()
    all_ = EvaluationFactory.create_batch(11, rated_estate=rated)
    close(rated)
    assert sealed().keys() == {one.id for one in all_}


def test_sealed_values_lie_in_the_order_of_their_random_keys(app: Flask) -> None:
    rated = RatedEstateFactory()
    EvaluationFactory.create_batch(30, rated_estate=rated)
    close(rated)
    found = db.session.execute(sa.text("SELECT evaluation_id FROM sealed_value")).scalars().all()
    assert found == sorted(found)


def test_only_the_round_that_closes_is_sealed(app: Flask) -> None:
    other = EvaluationFactory(rated_estate=RatedEstateFactory())
    close(other.rated_estate)
    before = sealed()
    later = EvaluationFactory()
    close(later.rated_estate)
    assert sealed().keys() - before.keys() == {later.id}
    assert {key: one.value for key, one in sealed().items() if key in before} == {
        key: one.value for key, one in before.items()
    }


@pytest.mark.parametrize("marks", ["5555", "555555555x"])
def test_marks_that_no_form_can_hold_stop_the_close_and_name_the_estate(app: Flask, marks: str) -> None:
    one = EvaluationFactory(marks=marks, score=1)
    with pytest.raises(Conflict, match=one.rated_estate.estate.code):
        close(one.rated_estate)


@pytest.mark.parametrize("statement", ["UPDATE sealed_value SET nonce = value", "DELETE FROM sealed_value"])
def test_the_database_itself_keeps_what_was_sealed(app: Flask, statement: str) -> None:
    close(EvaluationFactory().rated_estate)
    with pytest.raises(sa.exc.DBAPIError, match="sealed at the close"):
        db.session.execute(sa.text(statement))
    db.session.rollback()


def test_the_lines_of_the_method_recompute_receipts_and_values(app: Flask) -> None:
    rated = RatedEstateFactory(estate__code="QY0001", estate__name="清苑小区")
    receipt = bytes(range(16))
    one: Evaluation = EvaluationFactory(
        rated_estate=rated, marks="54321?-543", receipt_hash=hashlib.sha256(receipt).digest()
    )
    close(rated)
    lines, seal = documented(), sealed()[one.id]
    assert lines["receipt_hash"](receipt_number(receipt)) == one.receipt_hash.hex()
    keys = [i.key for i in rated.round.rulebook.content.questionnaire(one.direction).indicators]
    answers = dict(zip(keys, [5, 4, 3, 2, 1, "unknown", "absent", 5, 4, 3], strict=True))
    value = lines["check_value"](seal.nonce.hex(), answers, "QY0001", rated.round.number)
    assert value == seal.value.hex()
    assert lines["check_value"](seal.nonce.hex(), {**answers, keys[0]: 1}, "QY0001", rated.round.number) != value


def test_the_quick_writer_writes_the_same_bytes(app: Flask) -> None:
    content = RulebookFactory().content
    for questionnaire in content.questionnaires.values():
        writer = AnswersWriter(questionnaire, 12)
        dice = random.Random(4)
        signs = [f"{mark}" for mark in range(10)] + [one.sign for one in questionnaire.no_marks]
        for code in ("QY0001", '"引号"小区', "E\\1"):
            for _ in range(50):
                marks = "".join(dice.choices(signs, k=len(questionnaire.indicators)))
                assert writer.write(marks, code) == canonical_answers(questionnaire, marks, code, 12)
        for wrong in (marks[:-1], marks + "1", "x" + marks[1:]):
            with pytest.raises(ValueError, match="fit"):
                writer.write(wrong, "E1")
            with pytest.raises(ValueError, match="fit"):
                canonical_answers(questionnaire, wrong, "E1", 12)
