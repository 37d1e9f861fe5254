"""A stranger's large forms at the real server: it takes no memory for them, and answers everybody else."""

from __future__ import annotations

import http.client
from pathlib import Path

import pytest

from tests.faults.conftest import MakeTown
from tests.support.gunicorn import Gunicorn, serve
from tests.support.phone import FORM, Phone

MB = 1024 * 1024
FIELDS = b"a=1&b=2&" * (20 * MB // 8)
FOR_EVERYBODY, FOR_STAFF = "/sign-in", "/bureau/register"


@pytest.fixture
def kind() -> str:
    """The database makes no difference: none is asked."""
    return "sqlite"


def peak(site: Gunicorn) -> int:
    """The most memory, in bytes, that the only worker ever had."""
    (worker,) = site.workers()
    lines = Path(f"/proc/{worker}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024


def throw(site: Gunicorn, path: str) -> str:
    """Send 20 MB of fields; the status, or 'cut off' where the server hung up before it had read all of them."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=120)
    try:
        connection.request("POST", path, FIELDS, {**FORM, "Connection": "close"})
        return str(connection.getresponse().status)
    except (TimeoutError, ConnectionError):
        return "cut off"
    finally:
        connection.close()


def grown(site: Gunicorn) -> tuple[int, set[str]]:
    """By how many bytes the worker's memory grows by such forms, and what was answered."""
    for path in (FOR_EVERYBODY, FOR_STAFF):
        assert Phone(site.port).send("GET", path).status in {200, 302}
    before = peak(site)
    said = {throw(site, path) for path in (FOR_EVERYBODY, FOR_STAFF) for _ in range(2)}
    assert Phone(site.port).send("GET", "/sign-in").status == 200
    return peak(site) - before, said


def test_memory_does_not_grow_with_what_strangers_send(make_town: MakeTown, tmp_path: Path) -> None:
    with serve(make_town("sizes").url, tmp_path, workers=1) as site:
        growth, said = grown(site)
    assert growth < 8 * MB
    assert said <= {"413", "302", "cut off"}


def test_without_the_limits_it_would(make_town: MakeTown, tmp_path: Path) -> None:
    url = make_town("without-sizes").url
    with serve(url, tmp_path, application="tests.faults.without_sizes:app", workers=1) as site:
        growth, _said = grown(site)
    assert growth > 200 * MB
