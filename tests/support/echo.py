"""An application that does nothing but say what reached it: for what a server in front lets through."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


class Echo(BaseHTTPRequestHandler):
    """Answers with the request: method, path, headers as pairs, the length of its body."""

    protocol_version = "HTTP/1.1"
    server: EchoServer

    def answer(self) -> None:
        """Whatever was asked."""
        self.server.begun += 1
        length = len(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        said = {"method": self.command, "path": self.path, "headers": self.headers.items(), "length": length}
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST = answer  # noqa: N815  # the names that http.server asks for

    def log_message(self, *_: Any) -> None:
        """Nothing is written."""


class EchoServer(ThreadingHTTPServer):
    """`begun` counts the requests that reached it."""

    daemon_threads = True
    request_queue_size = 128
    begun = 0


@contextmanager
def serve() -> Iterator[EchoServer]:
    """It, until the block ends."""
    with EchoServer(("127.0.0.1", 0), Echo) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
