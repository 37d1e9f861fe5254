"""Small files that stand for more than a machine holds are refused while they are read, in words; no database."""

from __future__ import annotations

import io
import resource
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from rating.errors import Invalid
from rating.workbooks import package
from rating.workbooks.reading import MOST_SHEETS, read_csv, read_workbook

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET, TEXTS, BOOK = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"
HEAD = f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{MAIN}"><sheetData>'
TAIL = "</sheetData></worksheet>"
FIRST = "<row r='1'><c r='A1'><v>1</v></c></row>"
FAR, MUCH, UNREADABLE = "far outside", "contains too much", "can't be read"


def plain() -> bytes:
    """A workbook as people have it."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet("estates")
        sheet.write_row(0, 0, ["code", "name"])
        sheet.write_row(1, 0, ["E1", "柳荫花园"])
    return content.getvalue()


def remade(parts: dict[str, str | bytes]) -> bytes:
    """The same with some parts exchanged or added."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(plain())) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for name in dict.fromkeys([*old.namelist(), *parts]):
            new.writestr(name, parts[name] if name in parts else old.read(name))
    return written.getvalue()


def sheet(rows: str, before: str = "") -> dict[str, str | bytes]:
    return {SHEET: HEAD.replace("<sheetData>", f"{before}<sheetData>") + rows + TAIL}


def prefixed() -> dict[str, str | bytes]:
    far = "<x:row r='1'><x:c r='A1'><x:v>1</x:v></x:c></x:row><x:row><x:c r='XFD1048576'><x:v>1</x:v></x:c></x:row>"
    return {SHEET: f"<x:worksheet xmlns:x='{MAIN}'><x:sheetData>{far}</x:sheetData></x:worksheet>"}


def texts(text: str) -> str:
    return f"<sst xmlns='{MAIN}' count='1' uniqueCount='1'><si><t>{text}</t></si></sst>"


def many_sheets() -> dict[str, str | bytes]:
    names = "".join(f"<sheet name='s{n}' sheetId='{n + 1}' r:id='rId1'/>" for n in range(MOST_SHEETS + 1))
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return {BOOK: f"<workbook xmlns='{MAIN}' xmlns:r='{relations}'><sheets>{names}</sheets></workbook>"}


LAUGHS = "<!DOCTYPE x [<!ENTITY a 'haha'>" + "".join(
    f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
HOSTILE: dict[str, tuple[dict[str, str | bytes], str]] = {
    "single quotes": (sheet(f"{FIRST}<row><c r='XFD1048576'><v>1</v></c></row>"), FAR),
    "prefixes": (prefixed(), FAR),
    "no references": (sheet(f"<row>{'<c><v>1</v></c>' * 3000}</row>{'<row/>' * 2000}<row><c><v>1</v></c></row>"), FAR),
    "rows far apart": (sheet(f"{FIRST}<row r='1048576'><c><v>1</v></c><c/><c/></row>"), FAR),
    "a cell repeated": (sheet("<row r='1'>" + "<c r='A1'><v>1</v></c>" * (package.MOST_CELLS + 1) + "</row>"), FAR),
    "references of no sheet": (sheet("<row><c r='AAAA1'><v>1</v></c></row>"), UNREADABLE),
    "a reference turned round": (sheet("<row><c r='1A'><v>1</v></c></row>"), UNREADABLE),
    "one long text in many cells": (
        {TEXTS: texts("长" * 100_000), **sheet("<row><c t='s'><v>0</v></c></row>" * 1000)}, MUCH,
    ),
    "two sheets of a million cells": (
        {SHEET: sheet(f"{FIRST}<row r='1500000'><c><v>1</v></c></row>")[SHEET],
         "xl/worksheets/sheet2.xml": sheet(f"{FIRST}<row r='1500000'><c><v>1</v></c></row>")[SHEET]}, FAR,
    ),
    "elements without cells": (sheet("<x/>" * (package.MOST_ELEMENTS + 1)), MUCH),
    "deep nesting": (sheet("<x>" * 100_000), UNREADABLE),
    "entities": ({SHEET: f"<?xml version='1.0'?>{LAUGHS}]>{HEAD.partition('?>')[2]}<row>&i;</row>{TAIL}"}, UNREADABLE),
    "another encoding": ({SHEET: f"<?xml version='1.0'?>{HEAD[38:]}{TAIL}".encode("utf-16")}, UNREADABLE),
    "blanks without end": (sheet(" " * (package.MOST_UNPACKED + 1)), MUCH),
    "more sheets than tables": (many_sheets(), "more than 30 sheets"),
    "parts without end": ({f"xl/worksheets/s{n}.xml": "<x/>" for n in range(package.MOST_PARTS)}, UNREADABLE),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_workbook_is_refused_in_words(name: str) -> None:
    parts, words = HOSTILE[name]
    with pytest.raises(Invalid, match=words):
        read_workbook(remade(parts))


def test_a_plain_workbook_is_read() -> None:
    (found,) = read_workbook(plain())
    assert (found.headings, [row.cells for row in found.rows]) == (("code", "name"), [("E1", "柳荫花园")])


def test_a_dimension_that_is_not_true_misleads_nobody() -> None:
    (found,) = read_workbook(remade(sheet(FIRST, before="<dimension ref='A1:XFD1048576'/>")))
    assert found.headings == ("1",)


@pytest.mark.parametrize("make", [prefixed, lambda: sheet(f"{FIRST}<row><c r='XFD1048576'><v>1</v></c></row>")])
def test_the_library_does_read_what_is_hidden_so(make: object) -> None:
    """The control: were nothing counted, the library would make a table of that size."""
    parts = {name: str(part).replace("XFD1048576", "Z30000") for name, part in make().items()}  # type: ignore[operator]
    found = CalamineWorkbook.from_filelike(io.BytesIO(remade(dict(parts)))).get_sheet_by_index(0)
    assert (found.total_width, found.total_height) == (25, 29_999)  # counted from 0


def test_a_part_that_says_to_be_small_is_not_read_beyond_that() -> None:
    """Readers differ in whether they believe a zip's own sizes: the library gets what was counted, and no more."""
    content = remade(sheet(FIRST + "<row r='9'><c r='Z9'><v>1</v></c></row>" * 50))
    told = struct.pack("<I", 60)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = struct.pack("<I", archive.getinfo(SHEET).file_size)
    with pytest.raises(Invalid, match=UNREADABLE):
        read_workbook(content.replace(size, told))


def test_a_name_that_stands_twice_is_not_read() -> None:
    content = io.BytesIO(plain())
    with zipfile.ZipFile(content, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr(SHEET, HEAD + FIRST + TAIL)
    with pytest.raises(Invalid, match=UNREADABLE):
        read_workbook(content.getvalue())


def test_cells_of_a_csv_are_counted_while_they_are_read() -> None:
    with pytest.raises(Invalid, match="more than 2000000 cells"):
        read_csv("estates", b"code\n" + b",,,,,,,,,\n" * 1_000_000)


WITHIN = """
import resource, sys
from rating.errors import Invalid
from rating.workbooks.reading import read_workbook
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]),) * 2)
try:
    read_workbook(open(sys.argv[1], "rb").read())
except Invalid:
    print("refused")
"""


@pytest.mark.parametrize("name", ["single quotes", "one long text in many cells", "blanks without end", "entities"])
def test_a_hostile_workbook_is_refused_within_little_memory(name: str, tmp_path: Path) -> None:
    file = tmp_path / "hostile.xlsx"
    file.write_bytes(remade(HOSTILE[name][0]))
    most = 700 * 1024 * 1024  # of addresses, the interpreter's and the libraries' own among them
    child = subprocess.run([sys.executable, "-c", WITHIN, file, str(most)], capture_output=True, text=True, check=False)
    assert child.stdout == "refused\n", child.stderr[-500:]
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss > 0
