"""A thousand household codes and a hundred posters are read back from their PDF files, by two decoders.

The letters are those that the bureau downloads; their pages become pictures of 100 dpi, as a bad scan would be, and
each must say what stands beside it in digits. Run: make proofs (zbar's library is needed: apt-get install libzbar0).
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pypdfium2
from PIL import Image
from pypdf import PdfReader
from pyzbar import pyzbar

from rating.access import Role
from rating.rounds.models import RatedEstate
from tests.factories import EstateFactory, RatedEstateFactory, UserFactory
from tests.proofs.figures import keep
from tests.support.client import Client
from tests.support.clock import Clock
from tests.support.databases import Sqlite
from tests.support.qr import read

LETTERS, POSTERS, DPI = 1000, 100, 100
Decoder = Callable[[Image.Image], list[str]]


def zbar(picture: Image.Image) -> list[str]:
    """What zbar reads in a picture."""
    return [code.data.decode() for code in pyzbar.decode(picture, symbols=[pyzbar.ZBarSymbol.QRCODE])]


DECODERS: dict[str, Decoder] = {"zxing-cpp": read, "zbar": zbar}


def pages(file: Path) -> Iterator[tuple[Image.Image, str]]:
    """Each page as a picture, with its text."""
    drawn = pypdfium2.PdfDocument(file)
    for page, written in zip(drawn, PdfReader(file).pages, strict=True):
        yield page.render(scale=DPI / 72, grayscale=True).to_pil(), written.extract_text()


def main() -> int:
    """Print, read back, keep the figures; 1 if a single code was not read."""
    for name in [name for name in os.environ if name.startswith("RATING_") or name == "PORT"]:
        del os.environ[name]
    with tempfile.TemporaryDirectory() as folder:
        letters, posters, seconds = _print(Path(folder))
        size = letters.stat().st_size
        figures = {name: (_count(letters, decode), _count(posters, decode)) for name, decode in DECODERS.items()}
    text = _told(figures, seconds, size)
    keep("printed codes", text)
    print(text)  # noqa: T201  # a program that is run by hand
    return int(any(found != (LETTERS, POSTERS) for found in figures.values()))


def _count(file: Path, decode: Decoder) -> int:
    """How many pages say in their QR code what they say in words; pages without either are covers and backs."""
    return sum(1 for picture, text in pages(file) if (said := _address(text)) and decode(picture) == [said])


def _address(text: str) -> str | None:
    if code := re.search(r"\d{4} \d{4} \d{4} \d{4}", text):
        return f"https://rating.test/h/{code[0].replace(' ', '')}"
    if estate := re.search(r"第(\d+)小区", text):
        return f"https://rating.test/e/QY{estate[1]}"
    return None


def _print(folder: Path) -> tuple[Path, Path, float]:
    """The bureau's own downloads, and how many seconds the letters took."""
    database = Sqlite(folder, Clock())
    database.empty()
    database.app.test_client_class = Client
    letters, posters = folder / "letters.pdf", folder / "posters.pdf"
    with database.app.app_context():
        rated, browser = _arrange(), database.app.test_client()
        browser.sign_in(UserFactory(role=Role.BUREAU))
        round_ = f"/bureau/rounds/{rated.round.number}"
        began = time.perf_counter()
        letters.write_bytes(browser.post(f"{round_}/letters/{rated.estate.code}").data)
        seconds = time.perf_counter() - began
        posters.write_bytes(browser.get(f"{round_}/posters.pdf?community={rated.community.code}").data)
    database.close()
    return letters, posters, seconds


def _arrange() -> RatedEstate:
    first = RatedEstateFactory(households=LETTERS, estate__code="QY1000", estate__name="第1000小区")
    for number in range(1001, 1000 + POSTERS):
        estate = EstateFactory(code=f"QY{number}", name=f"第{number}小区", community=first.community)
        RatedEstateFactory(round=first.round, community=first.community, estate=estate)
    return first


def _told(figures: dict[str, tuple[int, int]], seconds: float, size: int) -> str:
    rows = [
        f"| {name} | {letters} of {LETTERS} | {posters} of {POSTERS} |" for name, (letters, posters) in figures.items()
    ]
    return "\n".join([
        f"**Printed codes are read** (`tests/proofs/printed_codes.py`). {LETTERS} letters of one estate, on both",
        f"sides ({size / 1e6:.1f} MB, made in {seconds:.1f} s on two cores), and {POSTERS} posters on A4, drawn from",
        f"their PDF files at {DPI} dpi; each QR code must lead where the page says in words:",
        "",
        "| decoder | letters | posters |",
        "|---|---|---|",
        *rows,
    ])  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
