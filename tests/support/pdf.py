"""PDF files as a person gets them: their pages as pictures, their text, and the fonts they bring."""

from __future__ import annotations

import io

import pypdfium2
from PIL import Image
from pypdf import PdfReader


def pictures(pdf: bytes, dpi: int = 100) -> list[Image.Image]:
    """Every page as a grey picture."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.render(scale=dpi / 72, grayscale=True).to_pil() for page in document]
    finally:
        document.close()


def texts(pdf: bytes) -> list[str]:
    """Every page's text, as it would be copied, without white space."""
    return ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def fonts(pdf: bytes) -> dict[str, bool]:
    """The names of the fonts of a file, and whether each is embedded."""
    found = {}
    for page in PdfReader(io.BytesIO(pdf)).pages:
        for font in page["/Resources"]["/Font"].values():
            described = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
            found[str(font["/BaseFont"])] = any(name in described for name in ("/FontFile", "/FontFile2", "/FontFile3"))
    return found
