"""A receipt number's QR code as the path of its SVG, quicker than drawing it anew: what segno draws is its test.

All codes of numbers of one length with one mask differ by nothing but bits added up: turning a bit of the number turns
the same modules of the code, error correction and all. So segno is asked once for each bit, and then only added to.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rating.evaluations.receipt_picture import receipt_qr
from rating.evaluations.tickets import RECEIPT_BYTES, receipt_number

NOUGHTS = receipt_number(bytes(RECEIPT_BYTES))
SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"  # of a QR code's alphanumeric mode, two in 11 bits
BITS = 11
BORDER = 4
RUN = re.compile("1+")


def _modules(number: str) -> tuple[int, int]:
    """All modules as one number, row after row, and how many stand in a row."""
    rows = list(receipt_qr(number).matrix)
    return int("".join("1" if module else "0" for row in rows for module in row), 2), len(rows)


def _pairs(number: str) -> list[int]:
    """The 11 bits of each two signs."""
    places = [SIGNS.index(sign) for sign in number]
    return [first * len(SIGNS) + second for first, second in zip(places[::2], places[1::2], strict=True)]


def _text(pairs: list[int]) -> str:
    return "".join(SIGNS[value // len(SIGNS)] + SIGNS[value % len(SIGNS)] for value in pairs)


@lru_cache(maxsize=1)
def _bits() -> tuple[int, int, list[tuple[int, list[int]]]]:
    """The code of a number of noughts, its width, and for each two signs their bits there and what each bit turns."""
    noughts, width = _modules(NOUGHTS)
    pairs = _pairs(NOUGHTS)
    turned = []
    for place, value in enumerate(pairs):
        others = [_text([*pairs[:place], value ^ 1 << bit, *pairs[place + 1 :]]) for bit in range(BITS)]
        turned.append((value, [_modules(other)[0] ^ noughts for other in others]))
    return noughts, width, turned


def qr_path(number: str) -> str:
    """The `d` of the path that segno's SVG has for a receipt number with its dashes, with a border of 4."""
    modules, width, turned = _bits()
    for value, (nought, bits) in zip(_pairs(number), turned, strict=True):
        differing = value ^ nought
        for bit in range(BITS):
            if differing >> bit & 1:
                modules ^= bits[bit]
    return _drawn(f"{modules:0{width * width}b}", width)


def _drawn(modules: str, width: int) -> str:
    """Each row's runs of dark modules, each from where the one before ended."""
    steps: list[str] = []
    x = y = 0
    for row in range(width):
        for run in RUN.finditer(modules, row * width, (row + 1) * width):
            start, end = run.start() - row * width, run.end() - row * width
            if steps:
                steps.append(f"m{start - x} {row - y}h{end - start}")
            else:
                steps.append(f"M{BORDER + start} {BORDER + row}.5h{end - start}")
            x, y = end, row
    return "".join(steps)
