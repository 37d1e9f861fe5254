"""Tables as .csv files that spreadsheets open as they are, and take no text in them for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

BYTE_ORDER_MARK = "\ufeff"  # spreadsheets take the file for UTF-8 by it
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
ROWS_A_PIECE = 1000


def never(_text: str) -> bool:
    """Every text is looked at."""
    return False


def write_csv(
    heads: Sequence[str], rows: Iterable[Sequence[object]], *, harmless: Callable[[str], bool] = never
) -> str:
    """A .csv file's text; a text that begins like a formula gets an apostrophe, unless it is `harmless`."""
    return "".join(stream_csv(heads, rows, harmless=harmless))


def stream_csv(
    heads: Sequence[str], rows: Iterable[Sequence[object]], *, harmless: Callable[[str], bool] = never
) -> Iterator[str]:
    """The same text in pieces of a thousand rows, for a file that is too long to be held whole."""
    file = io.StringIO()
    file.write(BYTE_ORDER_MARK)
    writer = csv.writer(file, lineterminator="\r\n")
    for number, row in enumerate(chain((heads,), rows), start=1):
        writer.writerow([_inert(value, harmless) for value in row])
        if number % ROWS_A_PIECE == 0:
            yield file.getvalue()
            file.seek(0)
            file.truncate()
    yield file.getvalue()


def _inert(value: object, harmless: Callable[[str], bool]) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_SIGNS) and not harmless(text) else text
