"""The application as a web site on this machine, for browsers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from threading import Thread
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wsgi import ClosingIterator

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


def _read_whole(app: Flask) -> Callable[[Any, Any], Iterable[bytes]]:
    """The application, with each body read and closed before it is sent.

    The development server forgets to close one whose client went away while it was being sent.
    """

    def answer(environ: Any, start_response: Any) -> Iterable[bytes]:
        with closing(ClosingIterator(app(environ, start_response))) as body:
            return list(body)

    return answer


@contextmanager
def serve(app: Flask) -> Iterator[Live]:
    """Serve the application on a free port until the block ends."""
    server = make_server("127.0.0.1", 0, _read_whole(app), threaded=True, request_handler=_Quiet)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield Live(f"http://127.0.0.1:{server.port}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
