"""The backup's file: a .zip with one file of JSON lines for each table, and a manifest that describes them."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from rating.errors import Invalid
from rating.upkeep.tables import KINDS, Table
from rating.wording import _l

FORMAT = 2
READABLE = {1, FORMAT}  # 1: without a seal
MANIFEST = "manifest.json"
LARGEST_MANIFEST = 4 * 1024 * 1024
BEGINNING_OF_ZIP = (1980, 1, 1, 0, 0, 0)  # the same rows give the same bytes, whenever they are written
CHUNK = 1024 * 1024


class BrokenBackup(Invalid):
    """The file is no backup, or not as it was written."""


@dataclass(frozen=True, slots=True)
class StoredTable:
    """A table's file in a backup: how many rows, and SHA-256 of its bytes."""

    table: Table
    rows: int
    sha256: str

    @property
    def file(self) -> str:
        """The file's name in the archive."""
        return f"{self.table.name}.jsonl"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says about itself. `key_check` tells whether an application key is the one it was made under.

    `seal` is made of all the rest under that key, and so of all rows, whose SHA-256 are here: empty in older backups.
    """

    revision: str
    made_at: str
    open_rounds: list[int]
    key_check: str
    tables: list[StoredTable] = field(default_factory=list)
    seal: str = ""

    @property
    def rows(self) -> int:
        """How many rows it has in all."""
        return sum(stored.rows for stored in self.tables)


# ---- writing


def write_archive(
    file: IO[bytes],
    manifest: Manifest,
    contents: Iterable[tuple[Table, Iterable[list[Any]]]],
    make_seal: Callable[[bytes], str],
) -> Manifest:
    """Write each table's rows as they come, then the manifest with its seal; returns the manifest."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        manifest.tables.extend(_write_table(archive, table, rows) for table, rows in contents)
        document = {"format": FORMAT, **asdict(manifest)}
        document["seal"] = make_seal(_under_seal(document))
        text = json.dumps(document, ensure_ascii=False, indent=1)
        with _create(archive, MANIFEST) as target:
            target.write(text.encode())
    return manifest


def _under_seal(document: dict[str, Any]) -> bytes:
    """What the seal covers: the manifest without it."""
    rest = {name: value for name, value in document.items() if name != "seal"}
    return json.dumps(rest, sort_keys=True, separators=(",", ":")).encode()


def _create(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    info = zipfile.ZipInfo(name, BEGINNING_OF_ZIP)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return archive.open(info, "w", force_zip64=True)


def _write_table(archive: zipfile.ZipFile, table: Table, rows: Iterable[list[Any]]) -> StoredTable:
    digest, count = hashlib.sha256(), 0
    with _create(archive, f"{table.name}.jsonl") as target:
        for row in rows:
            line = json.dumps(row, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode() + b"\n"
            target.write(line)
            digest.update(line)
            count += 1
    return StoredTable(table, count, digest.hexdigest())


# ---- reading


class Archive:
    """A backup that is open for reading; its manifest is read, its tables aren't yet verified."""

    def __init__(self, path: Path) -> None:
        try:
            self.zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError) as error:
            raise BrokenBackup(_l("%(file)s can't be read as a backup.", file=path.name)) from error
        self.manifest = self._read_manifest()

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self.zip.close()

    def _read_manifest(self) -> Manifest:
        try:
            with self.zip.open(MANIFEST) as file:
                document = json.loads(file.read(LARGEST_MANIFEST))
            self.under_seal = _under_seal(document)
            if document["format"] not in READABLE:
                raise BrokenBackup(_l("This backup is of a form that this version doesn't know. Use a newer version."))
            del document["format"]
            tables = [_stored(one) for one in document.pop("tables")]
            return Manifest(**document, tables=tables)
        except (KeyError, TypeError, ValueError, AttributeError, zipfile.BadZipFile, zlib.error) as error:
            raise BrokenBackup(_l("This file is no backup: its manifest is missing or can't be read.")) from error

    def verify(self) -> None:
        """Read every table's file once and compare it with the manifest; raises BrokenBackup."""
        expected = {MANIFEST, *(stored.file for stored in self.manifest.tables)}
        if sorted(self.zip.namelist()) != sorted(expected):
            raise BrokenBackup(_l("This backup contains other files than its manifest says."))
        for stored in self.manifest.tables:
            if self._look_at(stored) != (stored.rows, stored.sha256):
                raise BrokenBackup(_l("This backup is damaged: %(file)s is not as it was written.", file=stored.file))

    def _look_at(self, stored: StoredTable) -> tuple[int, str]:
        digest, count = hashlib.sha256(), 0
        try:
            with self.zip.open(stored.file) as file:
                while chunk := file.read(CHUNK):
                    digest.update(chunk)
                    count += chunk.count(b"\n")
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError) as error:
            raise BrokenBackup(
                _l("This backup is damaged: %(file)s is not as it was written.", file=stored.file)
            ) from error
        return count, digest.hexdigest()

    def rows(self, stored: StoredTable) -> Iterator[dict[str, Any]]:
        """A table's rows, one by one."""
        with self.zip.open(stored.file) as file:
            for line in file:
                yield stored.table.read_row(json.loads(line))


def _stored(document: dict[str, Any]) -> StoredTable:
    table = Table(**document.pop("table"))
    if unknown := set(table.columns.values()) - KINDS.keys():
        raise ValueError(f"unknown kinds of columns: {unknown}")
    return StoredTable(table, **document)
