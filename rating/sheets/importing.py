"""Importing on-site evaluations of an open round from a table: all are checked, then all are accepted, or none."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from marshmallow import ValidationError
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from rating.access import Actor, Role
from rating.audit.service import record
from rating.calendar import day_of
from rating.errors import BadRow, Conflict, Faults, Invalid
from rating.evaluations.models import Channel, Evaluation
from rating.evaluations.service import Filled, check_answers, monday_of
from rating.extensions import db
from rating.registry.imports.service import refusal
from rating.registry.models import Estate
from rating.rounds.models import RatedEstate, Round, RoundState
from rating.rulebooks.content import Indicator, Questionnaire, RulebookContent
from rating.scoring import Direction
from rating.wording import Label, Message, _l
from rating.workbooks.cells import Odd, fold
from rating.workbooks.columns import Day
from rating.workbooks.headings import NO_COLUMN, Columns, find_columns, headings_of, hidden_rows, listed
from rating.workbooks.reading import Row, Sheet

SHEET_KEY = "evaluations"
SHEET_LABEL = Label("现场评分", "On-site evaluations")
ESTATE = Label("小区编码", "Estate code")
ESTATE_NAME = Label("小区名称", "Estate name")
RATER = Label("评分方", "Rater")
EVALUATED_ON = Label("评分日期", "Evaluated on")
RATERS = {"committee": Label("物管会", "committee"), "community": Label("社区", "community")}
ABSENT = Label("不涉及", "N/A")

_RATER_WORDS = {
    **{fold(word): rater for rater, label in RATERS.items() for word in (rater, label.zh, label.en)},
    **dict.fromkeys(map(fold, ("业委会", "物管会（业委会）", "业主委员会")), "committee"),
}
_NO_MARK_WORDS = {
    **dict.fromkeys(map(fold, ("", "N/A", "NA", "-", "absent", ABSENT.zh, "没有这一项")), "absent"),
    **dict.fromkeys(map(fold, ("?", "unknown", "不清楚")), "unknown"),
}
_day = Day(metadata={})


@dataclass(frozen=True, slots=True)
class _Line:
    """A complete row: for which rated estate, from which rater, with its stored marks."""

    row: Row
    rated_estate_id: int
    rater: str
    day: date
    filled: Filled


def labels_of(questionnaire: Questionnaire) -> dict[str, Label]:
    """The sheet's columns and what they are called: who, when, and every indicator."""
    fixed = {"estate": ESTATE, "estate_name": ESTATE_NAME, "rater": RATER, "evaluated_on": EVALUATED_ON}
    return fixed | {i.key: Label(i.text.zh, i.text.en) for i in questionnaire.indicators}


def import_on_site(
    sheets: Sequence[Sheet],
    round_: Round,
    actor: Actor,
    now: datetime,
    channel: Channel = Channel.IMPORTED,
) -> int:
    """Import the on-site evaluations of one sheet into an open round; returns how many.

    Raises Conflict if the round isn't open, Invalid if there is nothing, BadRows with every fault otherwise.
    Rows in which nothing but the estate is filled in, as in the downloaded sheet, are skipped.
    """
    actor.require(Role.BUREAU)
    if round_.state is not RoundState.OPEN:
        raise Conflict(_l("Round %(number)s isn't open: it takes no evaluations.", number=round_.number))
    reader, found = _find_reader(sheets, round_, now)
    faults = Faults(found)
    lines = list(reader.read(faults)) if reader else []
    if faults:
        raise refusal(faults)
    if not lines:
        raise Invalid(_l("There is nothing to import: no row is filled in."), field="files")
    _insert(lines, actor, channel)
    record(actor, "evaluations.imported", f"round:{round_.number}", now, count=len(lines))
    return len(lines)


def _find_reader(sheets: Sequence[Sheet], round_: Round, now: datetime) -> tuple[_Reader | None, list[BadRow]]:
    found, faults = _find_sheet(sheets)
    if found is None:
        return None, faults
    content = round_.rulebook.content
    labels = labels_of(content.questionnaire(Direction.COMMITTEE_TO_COMPANY))
    required = [key for key in labels if key != "estate_name"]
    found = found.headed(headings_of(labels))
    columns, wrong = find_columns(found, SHEET_LABEL, labels, required if found.headings else ())
    faults += hidden_rows(found, SHEET_LABEL)
    if wrong or not found.headings:
        return None, faults + wrong
    return _Reader(found, columns, labels, round_, content, day_of(now)), faults


def _find_sheet(sheets: Sequence[Sheet]) -> tuple[Sheet | None, list[BadRow]]:
    """The sheet of evaluations: the one of that name, or the only one whatever its name."""
    names = {fold(name) for name in (SHEET_KEY, SHEET_LABEL.zh, SHEET_LABEL.en)}
    named = [sheet for sheet in sheets if fold(sheet.name) in names]
    found = named or (list(sheets) if len(sheets) == 1 else [])
    unknown = _l("There is no such sheet. Known are: %(names)s.", names=listed([SHEET_LABEL]))
    faults = [BadRow(sheet.name, 0, NO_COLUMN, unknown) for sheet in sheets if sheet not in found]
    if len(found) == 1:
        return found[0], faults
    reason = _l("This sheet appears twice.") if found else _l("This sheet is missing.")
    return None, [*faults, BadRow(SHEET_LABEL, 0, NO_COLUMN, reason)]


def list_tables(sheets: Sequence[Sheet], round_: Round) -> list[tuple[Label, Sheet]]:
    """The sheet of evaluations below its headings, with the label that its faults name it by."""
    found, _faults = _find_sheet(sheets)
    labels = labels_of(round_.rulebook.content.questionnaire(Direction.COMMITTEE_TO_COMPANY))
    return [(SHEET_LABEL, found.headed(headings_of(labels)))] if found else []


class _Reader:
    """Reads the rows of the sheet; faults are collected, valid rows yielded."""

    def __init__(
        self,
        sheet: Sheet,
        columns: Columns,
        labels: Mapping[str, Label],
        round_: Round,
        content: RulebookContent,
        today: date,
    ) -> None:
        self.sheet, self.columns, self.labels = sheet, columns, labels
        self.first_day, self.last_day = round_.rated_from, min(round_.closes_on, today)
        self.questionnaire = content.questionnaire(Direction.COMMITTEE_TO_COMPANY)
        self.min_marked_share = content.rules().min_marked_share
        self.signs = {no_mark.key for no_mark in self.questionnaire.no_marks}
        self.rated = _rated_estates(round_)
        self.taken = _taken(round_)

    def read(self, faults: Faults) -> Iterator[_Line]:
        """Every complete row; the faults of the others are added to `faults`."""
        rows_of: dict[tuple[int, str], int] = {}
        for row in self.sheet.rows:
            cells = self.columns.cells(row)
            if not cells.keys() - {"estate", "estate_name"}:
                continue
            line = self._read_row(row, cells, faults)
            if line is None:
                continue
            about = (line.rated_estate_id, line.rater)
            if about in rows_of:
                faults.append(self._bad(row, "estate", _l("Row %(row)s already says the same.", row=rows_of[about])))
            elif about in self.taken:
                faults.append(self._bad(row, "estate", _l("This rater has rated this estate in this round already.")))
            rows_of.setdefault(about, row.number)
            yield line

    def _read_row(self, row: Row, cells: Mapping[str, Any], faults: Faults) -> _Line | None:
        before = len(faults)
        estate = self._value(row, cells, "estate", self._estate, faults)
        rater = self._value(row, cells, "rater", self._rater, faults)
        day = self._value(row, cells, "evaluated_on", self._evaluated_on, faults)
        answers = {
            indicator.key: self._answer(row, cells.get(indicator.key), indicator, faults)
            for indicator in self.questionnaire.indicators
        }
        if len(faults) > before:
            return None
        try:
            filled = check_answers(self.questionnaire, answers, "", self.min_marked_share)
        except Invalid as error:
            faults.append(BadRow(SHEET_LABEL, row.number, NO_COLUMN, error.message))
            return None
        return _Line(row, estate, rater, day, filled)

    def _value(self, row: Row, cells: Mapping[str, Any], key: str, read: Callable[[Any], Any], faults: Faults) -> Any:
        if key not in cells:
            faults.append(self._bad(row, key, _l("This must be filled in.")))
            return None
        if isinstance(cells[key], Odd):
            faults.append(self._bad(row, key, cells[key].reason))
            return None
        try:
            return read(cells[key])
        except Invalid as error:
            faults.append(self._bad(row, key, error.message))
            return None

    def _estate(self, cell: Any) -> int:
        code = fold(cell).upper()
        if code not in self.rated:
            raise Invalid(_l("No estate with this code is rated in this round."))
        return self.rated[code]

    def _rater(self, cell: Any) -> str:
        if (rater := _RATER_WORDS.get(fold(cell))) is None:
            raise Invalid(_l("Write 物管会 or 社区 (committee or community)."))
        return rater

    def _evaluated_on(self, cell: Any) -> date:
        try:
            day: date = _day.deserialize(cell)
        except ValidationError as error:
            raise Invalid(cast("Message", error.messages[0])) from error
        if not self.first_day <= day <= self.last_day:
            raise Invalid(
                _l("This must lie between %(lowest)s and %(highest)s.", lowest=self.first_day, highest=self.last_day)
            )
        return day

    def _answer(self, row: Row, cell: Any, indicator: Indicator, faults: Faults) -> int | str:
        if isinstance(cell, Odd):
            faults.append(self._bad(row, indicator.key, cell.reason))
            return "absent"
        word = fold(cell)
        if _NO_MARK_WORDS.get(word) in self.signs:
            return _NO_MARK_WORDS[word]
        lowest, highest = self.questionnaire.lowest, indicator.highest
        if re.fullmatch(r"\d{1,3}", word) and lowest <= int(word) <= highest:
            return int(word)
        reason = _l("A whole mark from %(lowest)s to %(highest)s, or nothing.", lowest=lowest, highest=highest)
        faults.append(self._bad(row, indicator.key, reason))
        return "absent"

    def _bad(self, row: Row, key: str, reason: Message) -> BadRow:
        return BadRow(SHEET_LABEL, row.number, self.labels[key], reason, self.columns.typed(row, key))


def _rated_estates(round_: Round) -> dict[str, int]:
    """The round's rated estates: code → id."""
    statement = select(Estate.code, RatedEstate.id).join(RatedEstate.estate).where(RatedEstate.round_id == round_.id)
    return {row[0]: row[1] for row in db.session.execute(statement)}


def _taken(round_: Round) -> set[tuple[int, str | None]]:
    """(rated estate, rater) of the on-site evaluations that are in."""
    statement = (
        select(Evaluation.rated_estate_id, Evaluation.rater)
        .join(Evaluation.rated_estate)
        .where(RatedEstate.round_id == round_.id, Evaluation.direction == Direction.COMMITTEE_TO_COMPANY)
    )
    return {(row[0], row[1]) for row in db.session.execute(statement)}


def _insert(lines: Sequence[_Line], actor: Actor, channel: Channel) -> None:
    rows = [
        {
            "id": uuid.uuid4(),
            "rated_estate_id": line.rated_estate_id,
            "direction": Direction.COMMITTEE_TO_COMPANY,
            "channel": channel,
            "rater": line.rater,
            "marks": line.filled.marks,
            "score": line.filled.score,
            "week": monday_of(line.day),
            "entered_by": actor.user_id,
        }
        for line in lines
    ]
    try:
        with db.session.begin_nested():
            db.session.execute(insert(Evaluation), rows)
    except IntegrityError as error:  # somebody handed one in between the check and now
        raise Conflict(_l("Nothing was imported: one of these evaluations came in meanwhile. Try again.")) from error
