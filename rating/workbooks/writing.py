"""Tables as .csv files that spreadsheets open as they are, without taking any text in them for a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

BYTE_ORDER_MARK = "\ufeff"  # by it spreadsheets recognise UTF-8
# Spreadsheets take a text for a formula by its first sign, some also by its full-width form. The package defusedcsv has
# the same rule without the full-width forms, and writes other signs for a |, which could not be read again as it was.
FORMULA_SIGNS = ("=", "+", "-", "@", "|", "%", "＝", "＋", "－", "＠", "\t", "\r", "\n")
ESCAPED = re.compile(f"^'(?=[{re.escape(''.join(FORMULA_SIGNS))}])")  # what was written so, when it is read again
_NUMBER = re.compile(r"-[0-9]+(\.[0-9]+)?")
ROWS_A_PIECE = 1000


def write_csv(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A .csv file's text; a text that begins like a formula gets an apostrophe, unless it is a number below 0."""
    return "".join(stream_csv(heads, rows))


def stream_csv(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The same text in pieces of a thousand rows, for a file that is too long for memory."""
    file = io.StringIO()
    file.write(BYTE_ORDER_MARK)
    writer = csv.writer(file, lineterminator="\r\n")
    for number, row in enumerate(chain((heads,), rows), start=1):
        writer.writerow([_inert(value) for value in row])
        if number % ROWS_A_PIECE == 0:
            yield file.getvalue()
            file.seek(0)
            file.truncate()
    yield file.getvalue()


def _inert(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_SIGNS) and not _NUMBER.fullmatch(text) else text
