"""A resident's phone as cheaply as it can be played: one connection, its cookies, requests one after the other.

The load shares its processors with the servers that it measures, so nothing here is general: bodies have a
Content-Length, cookies have no paths, and a connection that the server closes is opened again.
"""

from __future__ import annotations

import asyncio
import re
import socket
from dataclasses import dataclass
from urllib.parse import urlencode

COOKIE = re.compile(rb"\r\nset-cookie: *([^=;\s]+)=([^;\r]*)", re.IGNORECASE)
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
LOCATION = re.compile(rb"\r\nlocation: *([^\r]*)", re.IGNORECASE)
CLOSE = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
HEADERS = (
    "Host: {host}\r\n"
    "User-Agent: Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36 "
    "MicroMessenger/8\r\n"
    "Accept: text/html,application/xhtml+xml\r\nAccept-Language: zh-CN,zh;q=0.9\r\nAccept-Encoding: identity\r\n"
)
WAITS = 30.0  # seconds for one answer; then it counts as an error


class Unexpected(Exception):
    """An answer that is not the one a resident needs."""


@dataclass(slots=True)
class Answer:
    """What came back."""

    status: int
    head: bytes
    body: bytes

    def to(self, status: int) -> Answer:
        """Itself, if it has this status."""
        if self.status != status:
            raise Unexpected(f"{self.status} instead of {status}: {self.body[-600:]!r}")
        return self

    @property
    def location(self) -> str:
        """The path that it sends on to."""
        found = LOCATION.search(self.head)
        if found is None:
            raise Unexpected("no Location")
        return found[1].decode()

    def find(self, pattern: re.Pattern[bytes]) -> str:
        """The first group of a pattern in the page."""
        found = pattern.search(self.body)
        if found is None:
            raise Unexpected(f"nothing like {pattern.pattern!r} in the page")
        return found[1].decode()


class Phone:
    """A browser that has never been here."""

    __slots__ = ("address", "cookies", "headers", "loop", "socket")

    def __init__(self, port: int) -> None:
        self.address = ("127.0.0.1", port)
        self.headers = HEADERS.format(host=f"127.0.0.1:{port}")
        self.cookies: dict[bytes, bytes] = {}
        self.socket: socket.socket | None = None
        self.loop = asyncio.get_running_loop()

    async def get(self, path: str) -> Answer:
        """Open an address."""
        return await self._ask(f"GET {path} HTTP/1.1\r\n{self.headers}{self._cookie()}\r\n".encode())

    async def post(self, path: str, fields: dict[str, str]) -> Answer:
        """Send a form."""
        body = urlencode(fields)
        head = f"POST {path} HTTP/1.1\r\n{self.headers}{self._cookie()}Origin: http://{self.address[0]}:{self.address[1]}\r\n"
        form = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        return await self._ask(f"{head}{form}".encode())

    def close(self) -> None:
        """Hang up."""
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    def _cookie(self) -> str:
        if not self.cookies:
            return ""
        return "Cookie: " + "; ".join(f"{k.decode()}={v.decode()}" for k, v in self.cookies.items()) + "\r\n"

    async def _ask(self, request: bytes) -> Answer:
        kept = self.socket is not None
        if self.socket is None:
            self.socket = socket.socket()
            self.socket.setblocking(False)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await self.loop.sock_connect(self.socket, self.address)
        try:
            await self.loop.sock_sendall(self.socket, request)
            data = await self.loop.sock_recv(self.socket, 65536)
        except ConnectionError:
            data = b""
        if not data and kept:  # the server had closed the connection meanwhile, as it may
            self.close()
            return await self._ask(request)
        return await self._rest(data)

    async def _rest(self, data: bytes) -> Answer:
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += await self._more()
        head = data[:end]
        length = LENGTH.search(head)
        whole = end + 4 + (int(length[1]) if length else 0)
        while len(data) < whole:
            data += await self._more()
        self.cookies.update(COOKIE.findall(head))
        if CLOSE.search(head):
            self.close()
        return Answer(int(head[9:12]), head, data[end + 4 : whole])

    async def _more(self) -> bytes:
        if self.socket is None:
            raise Unexpected("there is no connection")
        if not (more := await self.loop.sock_recv(self.socket, 65536)):
            raise Unexpected("the connection was cut in the middle of an answer")
        return more
