"""A network between phones and the site that loses requests or answers on purpose: a small proxy on this machine."""

from __future__ import annotations

import re
import socket
import socketserver
import struct
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from threading import Thread

LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")


class Loss(StrEnum):
    """What becomes of one submit."""

    ANSWER = "the answer is dropped"
    WIRE = "the wire is cut when the request has gone through"
    REQUEST = "the wire is cut in the middle of the request"
    TIME = "the answer never comes"


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    request_queue_size = 128
    site: int
    losses: deque[Loss]


class _Wire(socketserver.BaseRequestHandler):
    server: _Server
    request: socket.socket

    def handle(self) -> None:
        try:
            request = _whole_request(self.request)
            loss = self.server.losses.popleft() if request.startswith(b"POST") and self.server.losses else None
            with socket.create_connection(("127.0.0.1", self.server.site), timeout=60) as site:
                self._carry(request, site, loss)
        except OSError:  # one end has gone: so has the other
            _tear(self.request)

    def _carry(self, request: bytes, site: socket.socket, loss: Loss | None) -> None:
        if loss is Loss.REQUEST:
            site.sendall(request[: len(request) // 2])
            return _tear(self.request, site)
        site.sendall(request)
        if loss is Loss.WIRE:
            return _tear(self.request, site)
        answer = b"".join(iter(lambda: site.recv(65536), b""))
        if loss is Loss.TIME:
            self.request.recv(1)  # until the phone gives up
        if loss is None:
            return self.request.sendall(answer)
        return _tear(self.request)


def _whole_request(phone: socket.socket) -> bytes:
    """All bytes of one request; raises OSError if the phone goes before that."""
    data = b""
    while True:
        head, gap, body = data.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if gap and len(body) >= (int(length[1]) if length else 0):
            return data
        if not (more := phone.recv(65536)):
            raise OSError
        data += more


def _tear(*ends: socket.socket) -> None:
    """Close without a farewell, as a lost signal does."""
    for end in ends:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        end.close()


@contextmanager
def bad_network(site: int, losses: Iterable[Loss] = ()) -> Iterator[int]:
    """The port on which phones reach the site on port `site`; submits meet the losses in order, later ones none."""
    with _Server(("127.0.0.1", 0), _Wire) as server:
        server.site, server.losses = site, deque(losses)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
