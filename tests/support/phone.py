"""A resident's phone over real HTTP: it opens the letter's code, fills in the form, sends it, and tries again."""

from __future__ import annotations

import http.client
import random
import re
import socket
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.cookies import SimpleCookie
from selectors import EVENT_READ, DefaultSelector
from urllib.parse import urlencode

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TAG = re.compile(r"<[^>]*>")
INPUT = re.compile(r"<input\b[^>]*>")
ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
NUMBER = re.compile(r"\b(?:[0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{2}\b")
PATIENCE = 90.0  # seconds until a phone gives up on one page: a fault that lasts longer is a finding
PAUSE = 0.05


class Unexpected(Exception):
    """An answer that no resident should get."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, where it leads to (or what was asked for), the page."""

    status: int
    path: str
    page: str = field(repr=False)
    cookies: dict[str, str] = field(repr=False, default_factory=dict)

    @property
    def receipt(self) -> str | None:
        """The receipt number that the page shows."""
        found = NUMBER.search(TAG.sub("", self.page))
        return found[0] if found else None


class Phone:
    """A browser with cookies of its own at the site on `port`; `said` counts the errors and answers it met."""

    def __init__(self, port: int, timeout: float = 30.0, address: str | None = None) -> None:
        self.port, self.timeout = port, timeout
        self.cookies: dict[str, str] = {}
        self.headers = {"X-Forwarded-For": address} if address else {}
        self.said: Counter[str] = Counter()

    def send(self, method: str, path: str, fields: dict[str, str] | None = None) -> Answer:
        """One request on a connection of its own; raises OSError or HTTPException where no whole answer came."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        try:
            connection.request(method, path, urlencode(fields) if fields is not None else None, self._headers())
            answer = read(connection.getresponse())
        finally:
            connection.close()
        self.cookies.update(answer.cookies)
        return answer

    def _headers(self) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {**FORM, **self.headers, "Connection": "close", **({"Cookie": cookies} if cookies else {})}

    def request(self, method: str, path: str, fields: dict[str, str] | None = None) -> bytes:
        """The bytes of a request, for a volley."""
        body = urlencode(fields or {}).encode()
        headers = {"Host": "127.0.0.1", **self._headers(), "Content-Length": str(len(body))}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body

    # ---- the way of a resident

    def open(self, code: str) -> Answer:
        """Scan the letter and look at the form."""
        path = self._until(303, "GET", f"/h/{code}").path
        return replace(self._until(200, "GET", path), path=path)

    def rate(self, code: str) -> str:
        """The whole way, however often it takes: the receipt number in the end."""
        form = self.open(code)
        return self.hand_in(form.path, filled(form.page))

    def hand_in(self, path: str, fields: dict[str, str]) -> str:
        """Send the same form with the same ticket until there is an answer, and look at the receipt."""
        leads_to = self._until(303, "POST", path, fields).path
        shown = self._until(200, "GET", leads_to)
        if shown.receipt is None:
            raise Unexpected(f"no receipt on {leads_to}")
        return shown.receipt

    def _until(self, status: int, method: str, path: str, fields: dict[str, str] | None = None) -> Answer:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                answer = self.send(method, path, fields)
            except (OSError, http.client.HTTPException) as error:
                self._note(method, type(error).__name__)
            else:
                if answer.status == status:
                    return answer
                self._note(method, str(answer.status))
                if answer.status < 500:
                    raise Unexpected(f"{answer.status} instead of {status} for {method} {path}")
            if time.monotonic() > end:
                raise Unexpected(f"no answer for {method} {path}: {dict(self.said)}")
            time.sleep(PAUSE)  # a person, too, waits a moment before tapping again

    def _note(self, method: str, what: str) -> None:
        self.said[what] += 1
        if method == "POST":
            self.said["submits in doubt"] += 1


def read(response: http.client.HTTPResponse) -> Answer:
    """The whole answer; a body cut short raises IncompleteRead."""
    page = response.read().decode()
    cookies: SimpleCookie = SimpleCookie()
    for line in response.headers.get_all("Set-Cookie") or []:
        cookies.load(line)
    path = response.headers.get("Location", "").removeprefix("http://127.0.0.1")
    return Answer(response.status, path, page, {name: one.value for name, one in cookies.items()})


def filled(page: str) -> dict[str, str]:
    """The form's hidden fields and a random mark for each of its questions."""
    inputs = [dict(ATTRIBUTE.findall(one)) for one in INPUT.findall(page)]
    fields = {one["name"]: one["value"] for one in inputs if one.get("type") == "hidden"}
    marks: dict[str, list[str]] = {}
    for one in inputs:
        if one.get("type") == "radio" and one["value"].isdigit():
            marks.setdefault(one["name"], []).append(one["value"])
    return {**fields, **{name: random.choice(values) for name, values in marks.items()}, "comment": "楼道灯修得快"}


# ---- all at once


@contextmanager
def _sockets(port: int, count: int) -> Iterator[list[socket.socket]]:
    opened: list[socket.socket] = []
    try:
        opened.extend(socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(count))
        yield opened
    finally:
        for one in opened:
            one.close()


def volley(port: int, requests: Sequence[bytes]) -> list[Answer]:
    """Send whole requests but for their last byte, then all last bytes in one go: as simultaneous as a wire allows."""
    with _sockets(port, len(requests)) as wires, DefaultSelector() as ready:
        for wire, request in zip(wires, requests, strict=True):
            wire.sendall(request[:-1])
        for wire, request in zip(wires, requests, strict=True):
            wire.sendall(request[-1:])
        answers: dict[socket.socket, Answer] = {}
        for wire in wires:
            ready.register(wire, EVENT_READ)
        while len(answers) < len(wires):
            for wire in _readable(ready):
                answers[wire] = _answer_on(wire)
                ready.unregister(wire)
                wire.close()  # at once: the server's thread waits for that
        return [answers[wire] for wire in wires]


def _readable(ready: DefaultSelector) -> list[socket.socket]:
    events = ready.select(PATIENCE)
    if not events:
        raise Unexpected("no answer came")
    return [key.fileobj for key, _events in events if isinstance(key.fileobj, socket.socket)]


def _answer_on(wire: socket.socket) -> Answer:
    response = http.client.HTTPResponse(wire, method="POST")
    response.begin()
    return read(response)
