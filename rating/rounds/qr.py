"""QR codes as inline SVG."""

from __future__ import annotations

from markupsafe import Markup


def qr_svg(address: str, title: str) -> Markup:
    """A QR code of an address, error correction M, quiet zone included; its size is the style sheet's."""
    import segno

    code = segno.make(address, error="m", micro=False)
    return Markup(code.svg_inline(border=4, omitsize=True, title=title))  # noqa: S704  # segno escapes the title
