"""The server that browsers are tested against closes what the application opened."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from threading import Event

from flask import Flask, Response

from tests.support.live import serve


def test_a_body_is_closed_although_its_reader_hangs_up() -> None:
    """Else a static file stays open, and some later test fails by the warning of it."""
    app, given, gone, closed = Flask(__name__), Event(), Event(), Event()

    def body() -> Iterator[bytes]:
        yield b"."
        given.set()
        assert gone.wait(10)

    @app.get("/")
    def answer() -> Response:
        response = Response(body(), headers={"Content-Length": "1"})
        response.call_on_close(closed.set)
        return response

    with serve(app) as live:
        host, port = live.base.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as reader:
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # hang up by a reset
            reader.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert given.wait(10)
        gone.set()
        assert closed.wait(10)
