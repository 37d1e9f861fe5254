"""The rows of the RentSafeTO example: reading them, finding the bad ones, and settling those row by row."""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from docs.examples.rentsafe.spellings import Likeness, Suspicion, find_suspicions, key_of
from rating.errors import BadRow, Invalid
from rating.wording import Message, _l
from rating.workbooks.cells import clean
from rating.workbooks.reading import Row, Sheet, read_csv

REGISTRATIONS, EVALUATIONS, SETTLEMENTS = "registrations", "evaluations-pre-2023", "settlements"
NO_COMPANY = frozenset({"", "N/A", "NA", "NIL", "NONE", "SELF"})
CREATED_IN_ERROR = "** CREATED IN ERROR **"
LAST_CYCLE = 2022  # the city's file names no year for those from 2022 on; they are its last cycle, until February 2023
FIRST_MARK_COLUMN = "ENTRANCE_LOBBY"

Place = tuple[str, int]  # a sheet and the number of a row, as a spreadsheet counts


@dataclass(frozen=True, slots=True)
class Building:
    """A row of the register of buildings; `company` is None for one that is not rated."""

    row: int
    rsn: str
    address: str
    ward: str
    company: str | None
    units: str
    elevators: str
    year_built: str


@dataclass(frozen=True, slots=True)
class Visit:
    """An evaluation on site: its marks by area, and the score that the city published."""

    row: int
    rsn: str
    address: str
    ward: str
    ward_name: str
    day: date
    cycle: int
    score: str
    marks: Mapping[str, str]

    @property
    def is_marked(self) -> bool:
        """Whether any area was marked."""
        return any(mark.isdigit() for mark in self.marks.values())


@dataclass(frozen=True, slots=True)
class Example:
    """Both files."""

    buildings: tuple[Building, ...]
    visits: tuple[Visit, ...]


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a person decided about one bad row, and why."""

    row: int
    place: Place
    decision: str
    company: str


# ---- reading


def read_example(folder: Path) -> Example:
    """The two data files of the example; raises Invalid where one is missing."""
    return Example(
        tuple(_building(*pair) for pair in _rows(_read(folder, REGISTRATIONS))),
        tuple(_visit(*pair) for pair in _rows(_read(folder, EVALUATIONS))),
    )


def _read(folder: Path, name: str) -> Sheet:
    path = folder / f"{name}.csv.gz"
    try:
        return read_csv(name, gzip.decompress(path.read_bytes()))
    except (OSError, EOFError) as error:
        raise Invalid(_l("There is no file or folder %(name)s.", name=str(path))) from error


def _rows(sheet: Sheet) -> Iterator[tuple[Row, dict[str, str]]]:
    for row in sheet.rows:
        yield row, dict(zip(sheet.headings, map(clean, row.cells), strict=False))


def _building(row: Row, cells: Mapping[str, str]) -> Building:
    return Building(
        row=row.number,
        rsn=cells["RSN"],
        address=cells["SITE_ADDRESS"],
        ward=cells["WARD"],
        company=cells["PROP_MANAGEMENT_COMPANY_NAME"],
        units=cells["CONFIRMED_UNITS"],
        elevators=cells["NO_OF_ELEVATORS"],
        year_built=cells["YEAR_BUILT"],
    )


def _visit(row: Row, cells: Mapping[str, str]) -> Visit:
    columns = list(cells)
    return Visit(
        row=row.number,
        rsn=cells["RSN"],
        address=cells["SITE_ADDRESS"],
        ward=cells["WARD"],
        ward_name=cells["WARDNAME"],
        day=date.fromisoformat(cells["EVALUATION_COMPLETED_ON"]),
        cycle=int(cells["YEAR_EVALUATED"] or LAST_CYCLE),
        score=cells["SCORE"],
        marks={name.lower(): cells[name] for name in columns[columns.index(FIRST_MARK_COLUMN) :]},
    )


# ---- bad rows


@dataclass(frozen=True, slots=True)
class OpenRow:
    """A bad row and how a person may settle it."""

    bad: BadRow
    decisions: tuple[str, ...]


def find_open_rows(example: Example) -> dict[Place, OpenRow]:
    """Every bad row, each once with the first thing that is wrong with it, in the order of the files."""
    found = [*_open_buildings(example.buildings), *_open_visits(example)]
    return {(str(one.bad.sheet), one.bad.row): one for one in found}


def _open_buildings(buildings: Sequence[Building]) -> Iterator[OpenRow]:
    suspicions = find_suspicions(b.company for b in buildings if b.company and b.company not in NO_COMPANY)
    for building in buildings:
        name = building.company or ""
        if name in NO_COMPANY:
            yield OpenRow(_bad_company(building, _l("No management company is given.")), ("company", "not-rated"))
        elif name in suspicions:
            yield OpenRow(_bad_company(building, _suspected(suspicions[name])), ("company", "keep"))


def _bad_company(building: Building, reason: Message) -> BadRow:
    return BadRow(REGISTRATIONS, building.row, "PROP_MANAGEMENT_COMPANY_NAME", reason, building.company or "")


def _suspected(suspicion: Suspicion) -> Message:
    like, rows = suspicion.like, suspicion.rows
    if suspicion.likeness is Likeness.SAME:
        return _l("The same company is spelt “%(like)s” in %(rows)s rows.", like=like, rows=rows)
    if suspicion.likeness is Likeness.SLIP:
        return _l("This looks like a slip for “%(like)s” (%(rows)s rows).", like=like, rows=rows)
    if suspicion.likeness is Likeness.INITIALS:
        return _l("These could be the initials of “%(like)s” (%(rows)s rows).", like=like, rows=rows)
    return _l("This begins like “%(like)s” (%(rows)s rows) and could be the same company.", like=like, rows=rows)


def _open_visits(example: Example) -> Iterator[OpenRow]:
    known = {building.rsn for building in example.buildings}
    again = _visited_again(example.visits)
    for visit in example.visits:
        if CREATED_IN_ERROR in visit.address:
            reason = _l("The city marks this row as created in error.")
            yield OpenRow(_bad(visit, "SITE_ADDRESS", reason, visit.address), ("leave-out",))
        elif visit.rsn not in known:
            reason = _l("This building isn't among the registrations.")
            yield OpenRow(_bad(visit, "RSN", reason, visit.rsn), ("leave-out",))
        elif not visit.is_marked:
            reason = _l("No area is marked, so there is no score.")
            yield OpenRow(_bad(visit, FIRST_MARK_COLUMN, reason, visit.score), ("leave-out",))
        elif visit.row in again:
            yield OpenRow(_bad(visit, "RSN", _again(visit, again[visit.row]), visit.rsn), ("keep", "leave-out"))


def _again(visit: Visit, others: Sequence[int]) -> Message:
    rows = ", ".join(str(row) for row in others)
    return _l("This building is evaluated twice in %(year)s: row %(rows)s too.", year=visit.cycle, rows=rows)


def _bad(visit: Visit, column: str, reason: Message, value: str) -> BadRow:
    return BadRow(EVALUATIONS, visit.row, column, reason, value)


def _visited_again(visits: Iterable[Visit]) -> dict[int, list[int]]:
    """The rows of buildings that are there more than once in a year: row → the others."""
    rows: dict[tuple[str, int], list[int]] = defaultdict(list)
    for visit in visits:
        rows[visit.rsn, visit.cycle].append(visit.row)
    return {
        row: [other for other in group if other != row] for group in rows.values() if len(group) > 1 for row in group
    }


# ---- settling them


def read_settlements(path: Path) -> tuple[list[Settlement], list[BadRow]]:
    """The decisions of a settlements file (sheet, row, decision, reason), and what is wrong with the file itself."""
    if not path.is_file():
        raise Invalid(_l("There is no file or folder %(name)s.", name=str(path)))
    sheet = read_csv(SETTLEMENTS, path.read_bytes())
    if not {"sheet", "row", "decision", "reason"} <= set(sheet.headings):
        raise Invalid(_l("A settlements file has the columns sheet, row, decision and reason."))
    found: dict[Place, Settlement] = {}
    faults: list[BadRow] = []
    for row, cells in _rows(sheet):
        place = (cells["sheet"], int(cells["row"]) if cells["row"].isdecimal() else 0)
        decision, _, company = cells["decision"].partition("=")
        if not cells["reason"]:
            faults.append(BadRow(SETTLEMENTS, row.number, "reason", _l("This must be filled in.")))
        if place in found:
            faults.append(
                BadRow(SETTLEMENTS, row.number, "row", _l("Row %(row)s already says the same.", row=found[place].row))
            )
        found.setdefault(place, Settlement(row.number, place, decision, company))
    return list(found.values()), faults


def settle(example: Example, settlements: Iterable[Settlement]) -> tuple[Example, list[BadRow]]:
    """The example as the settlements leave it, and every row that is still bad or settled in a way that can't be."""
    still_open = find_open_rows(example)
    buildings = {building.row: building for building in example.buildings}
    visits = {visit.row: visit for visit in example.visits}
    faults = []
    for settlement in settlements:
        reason = _misfit(settlement, still_open.pop(settlement.place, None))
        if reason is not None:
            faults.append(BadRow(SETTLEMENTS, settlement.row, "decision", reason, settlement.decision))
        elif settlement.decision in {"company", "not-rated"}:
            row = settlement.place[1]
            buildings[row] = replace(buildings[row], company=settlement.company or None)
        elif settlement.decision == "leave-out":
            del visits[settlement.place[1]]
    settled = Example(tuple(buildings.values()), tuple(visits.values()))
    faults += [one.bad for one in still_open.values()]
    return settled, faults or list(_check_settled(settled))


def _misfit(settlement: Settlement, settled: OpenRow | None) -> Message | None:
    """Why a decision can't stand; None if it can."""
    if settled is None:
        return _l("There is nothing to settle in this row.")
    if settlement.decision not in settled.decisions:
        return _l("The decision can be: %(decisions)s.", decisions=", ".join(settled.decisions))
    if settlement.decision == "company" and settlement.company in NO_COMPANY:
        return _l("Name the company: company=…")
    return None


def _check_settled(settled: Example) -> Iterator[BadRow]:
    """What may not be left after settling: one company under two spellings, a building twice in a year."""
    names: dict[str, str] = {}
    for building in settled.buildings:
        if building.company is None:
            continue
        other = names.setdefault(key_of(building.company), building.company)
        if other != building.company:
            reason = _l("After the settlements this company is still spelt “%(like)s” as well.", like=other)
            yield BadRow(REGISTRATIONS, building.row, "PROP_MANAGEMENT_COMPANY_NAME", reason, building.company)
    again = _visited_again(settled.visits)
    for visit in settled.visits:
        if visit.row in again:
            reason = _l("After the settlements this building is still evaluated twice in %(year)s.", year=visit.cycle)
            yield _bad(visit, "RSN", reason, visit.rsn)
