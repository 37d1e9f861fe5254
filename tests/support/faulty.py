"""The application with a fault outside of its own frame: what the server in front of it has to tell by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from wsgi import app as whole


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The application; with X-Fault it fails before it, or in the middle of an answer."""
    fault, path = environ.get("HTTP_X_FAULT"), environ["PATH_INFO"]
    if fault == "before":
        raise RuntimeError(f"no way to {path}")
    if fault == "middle":
        return _broken(path, start_response)
    if fault == "header":
        start_response("200 OK", [("Location", f"{path}\r\n")])
        return [b""]
    return whole(environ, start_response)


def _broken(path: str, start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"half"
    raise RuntimeError(f"no way to {path}")
