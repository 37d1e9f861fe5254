"""Tables as .csv files that spreadsheets open as they are, and take no text in them for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence

BYTE_ORDER_MARK = "\ufeff"  # spreadsheets take the file for UTF-8 by it
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def never(_text: str) -> bool:
    """Every text is looked at."""
    return False


def write_csv(
    heads: Sequence[str], rows: Iterable[Sequence[object]], *, harmless: Callable[[str], bool] = never
) -> str:
    """A .csv file's text; a text that begins like a formula gets an apostrophe, unless it is `harmless`."""

    def inert(value: object) -> str:
        text = "" if value is None else str(value)
        return f"'{text}" if text.startswith(FORMULA_SIGNS) and not harmless(text) else text

    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerows([inert(value) for value in row] for row in (heads, *rows))
    return BYTE_ORDER_MARK + file.getvalue()
