"""gunicorn writes no address of a page down, whatever goes wrong; it does tell that something went wrong."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.clock import Clock
from tests.support.databases import make_app, migrate
from tests.support.gunicorn import Gunicorn, serve

CODE = "4820571936285017"
OURS, THEIRS = "rating.server.log.ServerLog", "gunicorn.glogging.Logger"
LONG = "y" * 9000


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A migrated database."""
    folder = tmp_path_factory.mktemp("database")
    found = f"sqlite:///{folder / 'rating.sqlite3'}"
    migrate(make_app(found, folder, Clock()))
    return found


@pytest.fixture(params=[OURS, THEIRS], ids=["ours", "control: gunicorn's own"])
def site(request: pytest.FixtureRequest, url: str, tmp_path: Path) -> Iterator[Gunicorn]:
    """The site with one of the two logs; once it's over, only gunicorn's own may hold the code."""
    logs = {OURS: request.param}
    with serve(url, tmp_path, application="tests.support.faulty:app", workers=1, swapped=logs) as server:
        yield server
        assert (CODE in server.log()) is (request.param == THEIRS)


def send(site: Gunicorn, request: str) -> str:
    """What comes back until the connection ends."""
    found = b""
    with socket.create_connection(("127.0.0.1", site.port), timeout=30) as connection:
        connection.sendall(request.encode())
        while part := connection.recv(65536):
            found += part
    return found.decode(errors="replace")


def head(site: Gunicorn, more: str = "", version: str = "HTTP/1.1") -> str:
    return f"GET /h/{CODE} {version}\r\nHost: 127.0.0.1:{site.port}\r\nConnection: close\r\n{more}\r\n"


@pytest.mark.parametrize("fault", ["before", "middle", "header"])
def test_an_error_outside_of_the_application_is_told_by_its_kind_and_place(site: Gunicorn, fault: str) -> None:
    send(site, head(site, f"X-Fault: {fault}\r\n"))
    said = site.log()
    assert "faulty.py" in said or fault == "header"
    assert "RuntimeError" in said or "InvalidResponseHeader" in said


def test_requests_that_cannot_be_read_are_told_without_what_stood_in_them(site: Gunicorn) -> None:
    requests = [
        head(site, version="HTTP/9.9"),
        f"/h/{CODE}\r\n\r\n",
        f"BAD/h/{CODE} /h/{CODE} HTTP/1.1\r\n\r\n",
        head(site, f"Bad header of /h/{CODE}\r\n"),
        head(site, f"X-Odd({CODE}: 1\r\n"),
        head(site, f"Referer: https://rating.test/h/{CODE}{LONG}\r\n"),
        head(site, f"Transfer-Encoding: h{CODE}\r\n"),
        head(site, f"Content-Length: h{CODE}\r\n"),
        head(site, f"Expect: h{CODE}\r\n"),
        f"GET /h/{CODE}{LONG} HTTP/1.1\r\n\r\n",
    ]
    for request in requests:
        assert send(site, request).startswith("HTTP/1.1 ")
    assert "Invalid" in site.log()


def test_an_ended_worker_tells_no_address_either(url: str, tmp_path: Path) -> None:
    """As when it hung and the master ends it: a request is half read."""
    with serve(url, tmp_path, workers=1) as site:
        [worker] = site.workers()
        with socket.create_connection(("127.0.0.1", site.port), timeout=30) as connection:
            connection.sendall(f"POST /h/{CODE} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 50\r\n\r\nhalf".encode())
            os.kill(worker, signal.SIGABRT)
            while worker in site.workers():
                time.sleep(0.01)
        site.wait()
        assert "exited with code 1" in site.log()
        assert CODE not in site.log()


def test_a_usual_request_is_told_by_the_application_with_the_pattern_of_its_address(url: str, tmp_path: Path) -> None:
    with serve(url, tmp_path, workers=1) as site:
        send(site, head(site))
        said = site.log()
    assert '"path": "/h/<code>"' in said
    assert CODE not in said
