"""Reads an SQLite file as whoever holds the disk can: which entry lies where on each page of a table or an index.

After SQLite's own description of its file format. A page's content grows from its end towards its front, so that what
came first lies last, unless a page was written anew since.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

INTERIOR_INDEX, INTERIOR_TABLE, LEAF_INDEX, LEAF_TABLE = 2, 5, 10, 13
INTERIOR = {INTERIOR_INDEX, INTERIOR_TABLE}
FIRST_HEADER = 100  # bytes of the first page that belong to the file
WIDTHS = {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 7: 8, 8: 0, 9: 0}

Value = int | bytes | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a page: where it begins, and its columns as they are stored (texts as bytes)."""

    offset: int
    columns: tuple[Value, ...]


class SqliteFile:
    """The pages of a file; the write-ahead log must be empty."""

    def __init__(self, path: Path) -> None:
        self.content = path.read_bytes()
        size = int.from_bytes(self.content[16:18], "big")
        self.page_size = 65536 if size == 1 else size

    def roots(self, table: str) -> dict[str, int]:
        """The first page of a table and of each of its indexes, by name."""
        rows = (entry.columns for page in self.pages(1) for entry in page)
        return {
            _text(name): root
            for _kind, name, of_table, root, *_sql in rows
            if _text(of_table) == table and isinstance(root, int)
        }

    def pages(self, root: int) -> Iterator[list[Entry]]:
        """The pages of a table or an index, each with its entries in the order of their keys."""
        page = self.content[(root - 1) * self.page_size : root * self.page_size]
        start = FIRST_HEADER if root == 1 else 0
        kind, count = page[start], int.from_bytes(page[start + 3 : start + 5], "big")
        pointers = start + (12 if kind in INTERIOR else 8)
        offsets = [int.from_bytes(page[at : at + 2], "big") for at in range(pointers, pointers + 2 * count, 2)]
        if kind != INTERIOR_TABLE:
            yield [Entry(offset, _columns(page, offset, kind)) for offset in offsets]
        if kind in INTERIOR:
            children = [page[offset : offset + 4] for offset in offsets] + [page[start + 8 : start + 12]]
            for child in children:
                yield from self.pages(int.from_bytes(child, "big"))


def _text(value: Value) -> str:
    assert isinstance(value, bytes)
    return value.decode()


def _varint(page: bytes, at: int) -> tuple[int, int]:
    """A number of one to nine bytes, and where the next begins."""
    value = 0
    for place in range(8):
        byte = page[at + place]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + place + 1
    return value << 8 | page[at + 8], at + 9


def _columns(page: bytes, at: int, kind: int) -> tuple[Value, ...]:
    """The columns of an entry (as far as they lie on this page: what is longer goes on elsewhere)."""
    at += 4 if kind == INTERIOR_INDEX else 0
    _size, at = _varint(page, at)
    if kind == LEAF_TABLE:
        _row, at = _varint(page, at)
    header, place = _varint(page, at)
    types = []
    while place < at + header:
        one, place = _varint(page, place)
        types.append(one)
    values: list[Value] = []
    for one in types:
        width = WIDTHS[one] if one < 12 else (one - 12) // 2
        stored = page[place : place + width]
        place += width
        values.append(_value(one, stored))
    return tuple(values)


def _value(kind: int, stored: bytes) -> Value:
    if kind == 0:
        return None
    if kind in {8, 9}:
        return kind - 8
    return stored if kind >= 12 else int.from_bytes(stored, "big", signed=True)
