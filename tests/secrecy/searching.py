"""Looking for markers in everything that is kept: rows, files, logs, downloads and backups."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import quote

import numpy as np
import sqlalchemy as sa

from rating.extensions import db

Haystacks = dict[str, bytes]


def written_forms(marker: str) -> list[bytes]:
    """A marker as it may stand in a file: as it is, as in JSON, as in an address, as in HTTP headers."""
    plain = marker.encode()
    return [*{plain, json.dumps(marker)[1:-1].encode(), quote(marker).encode(), plain.decode("latin-1").encode()}]


WINDOW = 8  # bytes: no written form is shorter


def find(markers: Iterable[str], haystacks: Mapping[str, bytes]) -> set[tuple[str, str]]:
    """(marker, where) of all that are found. The first bytes of all markers are looked for at once."""
    wanted = [(form, marker) for marker in markers for form in written_forms(marker)]
    beginnings: dict[int, list[tuple[bytes, str]]] = {}
    for form, marker in wanted:
        beginnings.setdefault(int.from_bytes(form[:WINDOW], "little"), []).append((form, marker))
    keys = np.fromiter(beginnings, dtype="<u8")
    found: set[tuple[str, str]] = set()
    for where, content in haystacks.items():
        for shift in range(WINDOW):
            whole = content[shift : len(content) - (len(content) - shift) % WINDOW]
            words = np.frombuffer(whole, dtype="<u8")
            for at in np.flatnonzero(np.isin(words, keys)):
                place = shift + WINDOW * int(at)
                found |= {
                    (marker, where) for form, marker in beginnings[int(words[at])] if content.startswith(form, place)
                }
    return found


def rows() -> Haystacks:
    """Every column of every table, as it comes from the database."""
    found: Haystacks = {}
    with db.engine.connect() as connection:
        for table in sa.inspect(connection).get_table_names():
            for row in connection.execute(sa.text(f'SELECT * FROM "{table}"')).mappings():
                for column, value in row.items():
                    place = f"{table}.{column}"
                    content = bytes(value) if isinstance(value, bytes | memoryview) else _text(value)
                    found[place] = found.get(place, b"") + b"\n" + content
    return found


def _text(value: object) -> bytes:
    written = json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict | list) else str(value)
    return written.encode()


def files(folder: Path, pattern: str = "**/*") -> Haystacks:
    """The bytes of files, as whoever holds the disk has them."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.glob(pattern) if file.is_file()}


def members(archive: Path) -> Haystacks:
    """The unpacked files of a backup."""
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name) for name in opened.namelist()}
