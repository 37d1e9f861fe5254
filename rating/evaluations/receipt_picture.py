"""The receipt as a picture that a phone can keep: its number, the city, the round, where to look it up, a QR code.

It names neither estate nor day: a picture that is forwarded must reveal no more than that somebody has a receipt. The
QR code contains the bare number, so that any scanner shows it and no address, hence no server's log, ever has it.
"""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Sequence
from functools import lru_cache
from threading import Lock
from typing import NamedTuple

import segno
from PIL import Image, ImageDraw, ImageFont

MIMETYPE = "image/png"
WIDTH, MARGIN = 720, 48
QR_WIDTH = 330
INK, PAPER, SOFT = 0, 255, 90
GROUPS_A_LINE = 4
NUMBER_SIZE, NUMBER_STEP = 60, 84
SMALLEST = 12
PREFERRED = (" Sans ", " SC ", " Regular ", " Sans CJK ")  # upright, simplified, not monospaced
MASK = 3  # any of the eight will do; looking for the best one is most of a QR code's work
_one_at_a_time = Lock()  # a font face isn't thread-safe


class Words(NamedTuple):
    """The text on the picture beside number and QR code."""

    city: str
    heading: str
    round: str
    address: str
    promise: str


class Line(NamedTuple):
    """A line of text: its size and shade, and the space below it."""

    text: str
    size: int
    shade: int
    below: int


class FontFile(NamedTuple):
    """A font in a file that may contain several."""

    path: str
    face: int


@lru_cache(maxsize=1)
def find_chinese_font() -> FontFile | None:
    """A font file with Chinese characters, a sans if there is one; None where there is none (or no fontconfig)."""
    if (program := shutil.which("fc-list")) is None:
        return None
    asked = [program, "--format", "%{file}\t%{index}\t%{family}\t%{style}\n", ":lang=zh-cn"]
    found = subprocess.run(asked, capture_output=True, check=False, text=True)  # noqa: S603  # fixed words
    faces = [line.split("\t") for line in found.stdout.splitlines()]
    # A variable font's named instances have high bits in their index; the file's own faces have not.
    faces = [face for face in faces if int(face[1]) < 1 << 16]
    if not faces:
        return None
    best = min(faces, key=lambda face: [word not in f" {face[2]} {face[3]} " for word in PREFERRED] + face[:2])
    return FontFile(best[0], int(best[1]))


@lru_cache(maxsize=32)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    font = find_chinese_font()
    return ImageFont.truetype(font.path, size, index=font.face) if font else ImageFont.load_default(size)


def draw_receipt(number: str, words: Words) -> bytes:
    """The picture as PNG. `words` are Latin where no Chinese font is found: the caller asks find_chinese_font."""
    with _one_at_a_time:
        background, height = _draw_background(words, len(_lines_of(number)))
        picture = background.copy()
        draw = ImageDraw.Draw(picture)
        for place, text in enumerate(_lines_of(number)):
            _draw_line(draw, Line(text, NUMBER_SIZE, INK, 0), height + place * NUMBER_STEP)
    code = _qr_image(number)
    picture.paste(code, ((WIDTH - code.width) // 2, height + len(_lines_of(number)) * NUMBER_STEP))
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=6)
    return file.getvalue()


@lru_cache(maxsize=16)
def _draw_background(words: Words, lines: int) -> tuple[Image.Image, int]:
    """What is the same on every receipt of a round, and where its number begins."""
    above = (
        Line(words.city, 34, SOFT, 12),
        Line(words.round, 34, SOFT, 28),
        Line(words.heading, 44, INK, 24),
    )
    below = (Line(words.address, 32, INK, 14), *(Line(part, 28, SOFT, 4) for part in _parts(words.promise)))
    begins = MARGIN + _height(above)
    continues = begins + lines * NUMBER_STEP + QR_WIDTH + 28
    picture = Image.new("L", (WIDTH, continues + _height(below) + MARGIN), PAPER)
    draw = ImageDraw.Draw(picture)
    for block, top in ((above, MARGIN), (below, continues)):
        at = top
        for line in block:
            if line.text:
                at += _draw_line(draw, line, at)
    return picture, begins


def _parts(sentence: str) -> list[str]:
    """A sentence on one line, or broken at its comma where it would have to be shrunk."""
    if _font(28).getlength(sentence) <= WIDTH - 2 * MARGIN:
        return [sentence]
    front, comma, rest = sentence.partition("，" if "，" in sentence else ",")
    return [front + comma, rest.strip()]


def _height(lines: Sequence[Line]) -> int:
    return sum(round(line.size * 1.3) + line.below for line in lines if line.text)


def _draw_line(draw: ImageDraw.ImageDraw, line: Line, top: int) -> int:
    """Draw a line in the middle, smaller where it would not fit; returns the height it takes."""
    size = line.size
    while size > SMALLEST and draw.textlength(line.text, _font(size)) > WIDTH - 2 * MARGIN:
        size -= 2
    draw.text((WIDTH / 2, top), line.text, fill=line.shade, font=_font(size), anchor="ma")
    return round(line.size * 1.3) + line.below


def _lines_of(number: str) -> list[str]:
    groups = number.split("-")
    return ["-".join(groups[start : start + GROUPS_A_LINE]) for start in range(0, len(groups), GROUPS_A_LINE)]


def _qr_image(number: str) -> Image.Image:
    modules = [list(row) for row in segno.make_qr(number, error="m", mask=MASK).matrix_iter(border=4)]
    code = Image.new("L", (len(modules[0]), len(modules)))
    code.putdata([INK if dark else PAPER for row in modules for dark in row])
    scale = QR_WIDTH // code.width
    return code.resize((code.width * scale, code.height * scale), Image.Resampling.NEAREST)
