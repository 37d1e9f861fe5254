"""Drafting, checking and opening a round from the command line: the same rules as on the pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from rating.checklist.service import find_checklist
from rating.extensions import db
from rating.rounds.models import Round, RoundState
from tests.factories import ContractFactory, RoundFactory, RulebookFactory

Run = Callable[..., Result]


@pytest.fixture
def draft(app: Flask) -> Round:
    """With an estate, and nobody who could sign."""
    app.config["DEMONSTRATION"] = True
    ContractFactory()
    return RoundFactory()


def test_the_command_opens_no_round_with_open_points_and_no_reason(draft: Round, run_command: Run) -> None:
    refused = run_command("round", "open", draft.number, fails=True).output
    assert "Points that must be fixed first: 1" in refused
    db.session.refresh(draft)
    assert draft.state is RoundState.DRAFT


def test_opened_from_the_command_line_the_checklist_and_the_reason_are_kept(draft: Round, run_command: Run) -> None:
    run_command("round", "open", draft.number, "--reason", "第二人下周到岗")
    db.session.refresh(draft)
    kept = find_checklist(draft)
    assert draft.state is RoundState.OPEN
    assert kept is not None and kept[0].reason == "第二人下周到岗"


def test_the_command_shows_the_same_points_as_the_page(draft: Round, run_command: Run) -> None:
    said = run_command("round", "check", draft.number).output
    assert "Too few people in the bureau (must be fixed)" in said
    assert draft.state is RoundState.DRAFT


def test_a_round_is_drafted_from_the_command_line(app: Flask, run_command: Run) -> None:
    rulebook = RulebookFactory()
    days = ("--opens", "2026/11/2", "--closes", "2026年11月22日", "--from", "2026-05-01", "--to", "2026-10-31")
    words = ("--title", "2026年下半年", "--title-en", "2026, second half")
    run_command("round", "draft", *words, "--rulebook", rulebook.key, rulebook.version, *days)
    drafted = db.session.scalars(select(Round)).one()
    assert (drafted.title_zh, str(drafted.opens_on), drafted.trial) == ("2026年下半年", "2026-11-02", False)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"--opens": "2026-13-01"}, "is not a day"),
        ({"--closes": "2026-11-01"}, "The last day is before the first"),
        ({"--title": "长" * 81}, "1 to 80 characters"),
        ({"--title": " "}, "1 to 80 characters"),
    ],
)
def test_what_makes_no_round_is_told_in_a_sentence(
    app: Flask, run_command: Run, changed: dict[str, str], said: str
) -> None:
    rulebook = RulebookFactory()
    given = {
        "--title": "一", "--title-en": "One", "--opens": "2026-11-02", "--closes": "2026-11-22", "--from": "2026-05-01",
        "--to": "2026-10-31", **changed,
    }  # fmt: skip
    words = [word for pair in given.items() for word in pair]
    result = run_command("round", "draft", "--rulebook", rulebook.key, rulebook.version, *words, fails=True)
    assert said in result.output
    assert db.session.scalar(select(Round)) is None
