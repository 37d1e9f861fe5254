"""Letters as PDF: each estate's two sides are laid out once, then every letter's own code is pressed into a copy.

Laying out takes a tenth of a second a page, and an estate may have thousands of households. What differs between two
letters is drawn by our own code: the QR code, the code in digits, the sheet's number. The layout
(templates/rounds/press.html) says where, by links to `slot:…` that don't reach the letters, and brings the digits on a
last page, the type case.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import segno
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DecodedStreamObject, IndirectObject, NameObject

from rating.rounds.codes import grouped

SLOT = "slot:"
QUIET = 4  # modules around a QR code
MASK = 0  # comparing all eight patterns takes five times as long as everything else; readers read any
PAGES_AN_ESTATE = 4  # the cover, its empty back, the letter, the letter's back
Box = tuple[float, float, float, float]  # left, bottom, right, top in points


@dataclass(frozen=True, slots=True)
class Bundle:
    """An estate's letters: its name, and each letter's code with the address that leads to it, in printing order."""

    name: str
    letters: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class TypeCase:
    """The layout's digits: the font's name in the pages' resources, each sign's glyph and its width in 1/1000 em."""

    font: str
    glyphs: Mapping[str, str]
    widths: Mapping[str, float]

    def line(self, text: str, box: Box) -> str:
        """Drawing operators for a line in the middle of a box, as large as fits."""
        ems = sum(self.widths[sign] for sign in text) / 1000
        size = min((box[3] - box[1]) / 1.2, (box[2] - box[0]) / ems)
        left = (box[0] + box[2] - ems * size) / 2
        base = (box[1] + box[3]) / 2 - 0.36 * size  # digits are about 0.72 em high
        glyphs = "".join(self.glyphs[sign] for sign in text)
        return f"BT /{self.font} {size:.3f} Tf 1 0 0 1 {left:.3f} {base:.3f} Tm <{glyphs}> Tj ET"


def press(layout: bytes, bundles: Sequence[Bundle]) -> bytes:
    """All bundles as one PDF for printing on both sides, with a bookmark for each estate.

    `layout` has four pages for each bundle (cover, empty back, letter, back) and the type case at its end.
    """
    reader = PdfReader(io.BytesIO(layout))
    case = _read_case(reader.pages[-1])
    writer = PdfWriter()
    for index, bundle in enumerate(bundles):
        pages = [reader.pages[index * PAGES_AN_ESTATE + side] for side in range(PAGES_AN_ESTATE)]
        slots = dict(_slots(pages[2]))
        copies = [_Copy(writer, page) for page in pages]
        cover = copies[0].add()
        writer.add_outline_item(title=bundle.name, page_number=cover.page_number)
        copies[1].add()
        for number, (code, address) in enumerate(bundle.letters, start=1):
            count = case.line(f"{number} / {len(bundle.letters)}", slots["count"])
            copies[2].add(_qr(address, slots["qr"]), case.line(grouped(code), slots["code"]), count)
            copies[3].add()
    return _written(writer)


class _Copy:
    """A page of the layout that is added to the writer as often as needed; its parts are stored once."""

    def __init__(self, writer: PdfWriter, page: PageObject) -> None:
        self.writer = writer
        self.width, self.height = page.mediabox.width, page.mediabox.height
        self.resources = self._store(page["/Resources"].clone(writer))
        self.content = self._store(page["/Contents"].clone(writer))
        self.before = self._store(_stream("q"))

    def _store(self, thing: Any) -> IndirectObject:
        return getattr(thing, "indirect_reference", None) or self.writer._add_object(thing)

    def add(self, *drawn: str) -> PageObject:
        """Add a page, with drawing operators on top of the layout (they start from a clean state)."""
        page = PageObject.create_blank_page(width=self.width, height=self.height)
        contents = [self.before, self.content, self._store(_stream("Q 0 g", *drawn).flate_encode())]
        page[NameObject("/Resources")] = self.resources
        page[NameObject("/Contents")] = ArrayObject(contents)
        return self.writer.add_page(page)


def _stream(*orders: str) -> DecodedStreamObject:
    stream = DecodedStreamObject()
    stream.set_data("\n".join(orders).encode())
    return stream


def _slots(page: PageObject) -> Iterator[tuple[str, Box]]:
    for annotation in page.get("/Annots", ()):
        link = annotation.get_object()
        if (name := str(link.get("/A", {}).get("/URI", ""))).startswith(SLOT):
            x, y, right, top = (float(number) for number in link["/Rect"])
            yield name.removeprefix(SLOT), (min(x, right), min(y, top), max(x, right), max(y, top))


def _qr(address: str, box: Box) -> str:
    """A QR code as one filled path (one, so that no hairlines show between its rows), its quiet zone within the box."""
    rows = segno.make(address, error="m", micro=False, mask=MASK).matrix
    side = min(box[2] - box[0], box[3] - box[1])
    module = side / (len(rows) + 2 * QUIET)
    runs = (
        f"{run.start()} {-y - 1} {run.end() - run.start()} 1 re"
        for y, row in enumerate(rows)
        for run in re.finditer(rb"\x01+", bytes(row))
    )
    place = f"{module:.4f} 0 0 {module:.4f} {box[0] + QUIET * module:.3f} {box[3] - QUIET * module:.3f} cm"
    return "\n".join(("q", place, *runs, "f", "Q"))


def _read_case(page: PageObject) -> TypeCase:
    contents: Any = page["/Contents"].get_object()
    orders = contents.get_data()
    used = re.search(rb"/(\S+) [\d.]+ Tf", orders)
    assert used is not None  # noqa: S101  # the type case has digits, so it has a font
    name = used[1].decode()
    font: Any = page["/Resources"]["/Font"][f"/{name}"]  # type: ignore[index]  # pypdf's objects nest without types
    pairs = re.findall(rb"<([0-9a-f]{4})> <([0-9a-f]{4})>\n", font["/ToUnicode"].get_data())
    glyphs = {chr(int(sign, 16)): glyph.decode() for glyph, sign in pairs if (glyph, sign) != (b"0000", b"ffff")}
    widths = _read_widths(font["/DescendantFonts"][0].get_object())
    return TypeCase(name, glyphs, {sign: widths[int(glyph, 16)] for sign, glyph in glyphs.items()})


def _read_widths(font: Any) -> dict[int, float]:
    """Glyphs' widths of a CID font: `/W [first [width width …] first [width …] …]`."""
    parts = [part.get_object() for part in font["/W"]]
    return {
        int(first) + offset: float(width)
        for first, widths in zip(parts[::2], parts[1::2], strict=True)
        for offset, width in enumerate(widths)
    }


def _written(writer: PdfWriter) -> bytes:
    wishes: Any = writer.create_viewer_preferences()
    wishes.print_scaling = "/None"  # the address must stand in the envelope's window
    wishes.duplex = "/DuplexFlipLongEdge"
    into = io.BytesIO()
    writer.write(into)
    return into.getvalue()
