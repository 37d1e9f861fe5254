"""However many faults a file has, a thousand at most are told, and all are counted; no database."""

from __future__ import annotations

from rating.errors import MOST_TOLD, TOLD_SINGLY, BadRow, Faults
from rating.wording import Label, _l

ESTATES = Label("小区", "Estates")


def fault(row: int, column: str = "code", value: str = "") -> BadRow:
    return BadRow(ESTATES, row, column, _l("This must be filled in."), value)


def test_few_faults_are_told_one_by_one() -> None:
    faults = Faults(fault(row) for row in range(2, 12))
    assert [row.row for row in faults.told()] == list(range(2, 12))


def test_many_of_one_kind_are_told_together() -> None:
    faults = Faults(fault(row) for row in range(2, 3674))
    *singly, further = faults.told()
    assert (len(faults), len(singly)) == (3672, TOLD_SINGLY)
    assert str(further.reason) == "3,572 more rows, among them 102: This must be filled in."


def test_a_kind_with_many_faults_hides_no_other() -> None:
    faults = Faults(fault(row) for row in range(2, 100_000))
    faults += [fault(7, "name")]
    assert [(row.row, str(row.column)) for row in faults.told()][-2:] == [(7, "name"), (0, "code")]


def test_no_more_than_a_thousand_are_told_of_however_many_kinds() -> None:
    faults = Faults(fault(row, f"column {column}") for column in range(3000) for row in range(2, 5))
    assert (len(faults), len(faults.told())) == (9000, MOST_TOLD)
    every = Faults(fault(row, f"column {column}") for column in range(30) for row in range(2, 203))
    told = every.told()
    assert len(told) == MOST_TOLD
    further = sum(int(str(row.reason).partition(" ")[0].replace(",", "")) for row in told if row.row == 0)
    assert further + sum(row.row > 0 for row in told) == len(every) == 30 * 201


def test_of_a_long_cell_only_the_beginning_is_told() -> None:
    assert fault(2, value="长" * 30_000).value == "长" * 200 + "…"
