"""Reading QR codes as a phone does: from pixels."""

from __future__ import annotations

import io

import zxingcpp
from PIL import Image
from playwright.sync_api import Locator


def decode(picture: bytes) -> list[str]:
    """What the QR codes in a PNG or JPEG say, from top to bottom."""
    with Image.open(io.BytesIO(picture)) as image:
        return read(image.convert("L"))


def read(image: Image.Image) -> list[str]:
    """What the QR codes in a picture say, from top to bottom."""
    codes = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)
    return [code.text for code in sorted(codes, key=lambda code: (code.position.top_left.y, code.position.top_left.x))]


def scan(place: Locator) -> list[str]:
    """What the QR codes within an element of a page say, as it is drawn."""
    return decode(place.screenshot())
