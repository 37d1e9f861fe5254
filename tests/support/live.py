"""The application as a web site on this machine, for browsers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from rating.extensions import db


class Live:
    """`live("/sign-in")` is an address to go to; what the test has arranged is committed and its locks are given up."""

    def __init__(self, base: str) -> None:
        self.base = base

    def __call__(self, path: str = "/") -> str:
        db.session.commit()
        return self.base + path

    def look(self) -> None:
        """Before a test looks into the database again: forget what was read, so that it is read anew."""
        db.session.rollback()
        db.session.expire_all()


class _Quiet(WSGIRequestHandler):
    def log(self, kind: str, message: str, *args: Any) -> None:
        """Say nothing: the application has its own log."""


@contextmanager
def serve(app: Flask) -> Iterator[Live]:
    """Serve the application on a free port until the block ends."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield Live(f"http://127.0.0.1:{server.port}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
