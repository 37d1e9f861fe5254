"""Responses that are files."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from flask import Response

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download(content: bytes | str | Iterable[bytes] | Iterable[str], mimetype: str, name: str) -> Response:
    """A response that is saved as a file of this name, which may be Chinese."""
    return _named(Response(content, mimetype=mimetype), "attachment", name)


def shown_file(content: bytes | str, mimetype: str, name: str) -> Response:
    """A response that a browser shows if it can, and saves under this name."""
    return _named(Response(content, mimetype=mimetype), "inline", name)


def _named(response: Response, disposition: str, name: str) -> Response:
    names = {"filename": name}
    if not name.isascii():  # RFC 6266: beside it a name in ASCII, for those who can't read the other
        rest = name.encode("ascii", "ignore").decode().strip()
        names = {"filename": rest if rest.strip(".-_ ") else f"file{rest}"}
        names["filename*"] = f"UTF-8''{quote(name, safe='')}"
    response.headers.set("Content-Disposition", disposition, **names)
    return response
