"""Tables as .csv files, whole and in pieces."""

from __future__ import annotations

import csv
import io

from rating.spreadsheets import stream_csv, write_csv


def test_a_long_table_comes_in_pieces_that_make_the_same_file() -> None:
    rows = [[n, f"row {n}"] for n in range(2_500)]
    pieces = list(stream_csv(["n", "name"], iter(rows)))
    assert len(pieces) == 3
    assert "".join(pieces) == write_csv(["n", "name"], rows)
    found = list(csv.reader(io.StringIO("".join(pieces).removeprefix("\ufeff"))))
    assert found == [["n", "name"], *([str(n), name] for n, name in rows)]


def test_what_begins_like_a_formula_is_taken_for_text_unless_it_is_harmless() -> None:
    text = write_csv(["=head"], [["+1"], ["-2"], [None]], harmless=lambda one: one == "-2")
    assert text == "\ufeff'=head\r\n'+1\r\n-2\r\n\"\"\r\n"
