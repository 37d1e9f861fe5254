"""Pages as PDF, by WeasyPrint, and why it can't be done here where something is missing.

WeasyPrint is loaded on first use: it takes most of a second, and needs system libraries that a server may not have.
Nothing is fetched but our own style sheets, and nothing is written to disk.
"""

from __future__ import annotations

import io
import shutil
import subprocess
from functools import cache
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from rating.config import ROOT
from rating.errors import Conflict
from rating.wording import Message, _l

MIMETYPE = "application/pdf"
BASE = "https://pages.invalid/"  # pages name their style sheets by path; nothing is ever asked of a network
SHEETS = ROOT / "static" / "css"
_one_at_a_time = Lock()  # laying out pages keeps a processor busy; the others are for people who wait for pages


class NoPdf(Conflict):
    """This server can't make PDF files; the message says what it lacks."""


@cache
def why_no_pdf() -> Message | None:
    """What this server lacks for making PDF files with Chinese texts; None where it lacks nothing."""
    try:
        import weasyprint  # noqa: F401  # whether it can be loaded is the question
    except ImportError:
        return _l("PDF files can’t be made here: the Python package WeasyPrint is not installed.")
    except OSError:
        return _l(
            "PDF files can’t be made here: the system’s library for setting text (Pango) is not installed "
            "(on Debian: %(packages)s).",
            packages="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
        )
    if not _has_chinese_font():
        return _l(
            "PDF files can’t be made here: no font with Chinese characters is installed (on Debian: %(packages)s).",
            packages="fonts-noto-cjk",
        )
    return None


def _has_chinese_font() -> bool:
    """Whether fontconfig knows a font for Chinese; without its program this is unknown, and counts as yes."""
    if (program := shutil.which("fc-list")) is None:
        return True
    found = subprocess.run([program, ":lang=zh-cn", "family"], capture_output=True, check=False)  # noqa: S603  # fixed
    return found.returncode != 0 or bool(found.stdout.strip())


def make_pdf(html: str, *, tagged: bool = True) -> bytes:
    """A page of ours (a whole HTML document) as PDF, laid out for print; raises NoPdf.

    It is tagged, so that screen readers know its structure.
    """
    if (why := why_no_pdf()) is not None:
        raise NoPdf(why)
    from weasyprint import HTML

    with _one_at_a_time:
        pdf: bytes = HTML(string=html, base_url=BASE, url_fetcher=_our_sheets()).write_pdf(pdf_tags=tagged)
    return pdf


def _our_sheets() -> Any:
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OurSheets(URLFetcher):  # type: ignore[misc]  # WeasyPrint publishes no types
        """Reads css/*.css of this product and refuses everything else."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            name = urlsplit(url).path.rpartition("/")[2]
            if not url.startswith(f"{BASE}static/css/") or not (path := SHEETS / name).is_file():
                raise ValueError(f"not ours: {url}")
            return URLFetcherResponse(url, io.BytesIO(path.read_bytes()), {"Content-Type": "text/css"})

    return OurSheets()
