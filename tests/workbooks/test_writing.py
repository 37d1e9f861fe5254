"""Tables as .csv files, whole and in pieces."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from pathlib import Path

import pytest

from rating.workbooks.cells import clean
from rating.workbooks.writing import stream_csv, write_csv


def test_a_long_table_comes_in_pieces_that_make_the_same_file() -> None:
    rows = [[n, f"row {n}"] for n in range(2_500)]
    pieces = list(stream_csv(["n", "name"], iter(rows)))
    assert len(pieces) == 3
    assert "".join(pieces) == write_csv(["n", "name"], rows)
    found = list(csv.reader(io.StringIO("".join(pieces).removeprefix("\ufeff"))))
    assert found == [["n", "name"], *([str(n), name] for n, name in rows)]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "|", "%", "＝", "＋", "－", "＠", "\t", "\r", "\n"])
def test_what_begins_like_a_formula_is_taken_for_text_and_read_again_as_it_was(sign: str) -> None:
    ((_head,), (written,)) = csv.reader(io.StringIO(write_csv(["n"], [[f"{sign}1+1"]]), newline=""))
    assert written == f"'{sign}1+1"
    assert clean(written) == f"{sign}1+1".strip()


@pytest.mark.parametrize("number", [-2, "-2", "-0.35", Decimal("-1.5"), -2.5, 0, "7"])
def test_a_number_below_0_stays_a_number(number: object) -> None:
    assert write_csv(["n"], [[number]]) == f"\ufeffn\r\n{number}\r\n"


@pytest.mark.parametrize("text", ["-2+3", "-2\n", "--2", "-٢", "-1e5", "-"])  # other digits are meant
def test_what_only_begins_like_a_number_is_text(text: str) -> None:
    assert f"'{text}" in write_csv(["n"], [[text]])


def test_headings_are_held_to_the_same_and_nothing_is_nothing() -> None:
    assert write_csv(["=head"], [[None]]) == '\ufeff\'=head\r\n""\r\n'


def test_every_csv_is_written_here() -> None:
    writing = [
        str(file) for file in Path("rating").rglob("*.py") if re.search(r"csv\.(writer|DictWriter)", file.read_text())
    ]
    assert writing == ["rating/workbooks/writing.py"]
