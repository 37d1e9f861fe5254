"""deploy/nginx.conf under a real nginx: what it writes down, lets through, refuses."""

from __future__ import annotations

import gzip
import json
import re
import socket
import ssl
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from rating.access import rule_of
from rating.server.sizes import taken_by
from tests.support import echo, nginx
from tests.support.echo import EchoServer
from tests.support.nginx import NAME, Answer, Nginx

CODE = "4820571936285017"
ESTATE = "QY0917"
KB, MB = 1024, 1024 * 1024
SECRET_PATHS = [
    f"/h/{CODE}",
    f"/h/{CODE}?from=wechat",
    f"//h/{CODE}",
    f"/./h/{CODE}",
    f"/method/../h/{CODE}",
    f"/%68/{CODE}",
    f"/H/{CODE}",
    f"/h{CODE}",
    f"/e/{ESTATE}",
    f"/e/{ESTATE}/receipt",
    f"/E/{ESTATE}",
    f"/estates/{ESTATE}",
    f"/search?q={ESTATE}",
    f"/invitations/{CODE}",
    f"/static/{CODE}",
    f"/{CODE}.pdf",
    f"/bureau/rounds/1/letters/{ESTATE}",
]


@pytest.fixture(scope="module")
def upstream() -> Iterator[EchoServer]:
    """Stands for the application: says what reached it."""
    with echo.serve() as server:
        yield server


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory, upstream: EchoServer) -> Iterator[Nginx]:
    """nginx in front of it."""
    with nginx.serve(tmp_path_factory.mktemp("web") / "nginx", upstream.server_port) as server:
        yield server


@pytest.fixture
def fresh(tmp_path: Path, upstream: EchoServer) -> Iterator[Nginx]:
    """The same with counters of its own, for what has limits."""
    with nginx.serve(tmp_path / "nginx", upstream.server_port) as server:
        yield server


@pytest.fixture(scope="module")
def nobody() -> Iterator[int]:
    """A port where no connection is taken: the application is being restarted."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory, nobody: int) -> Iterator[Nginx]:
    """nginx in front of nobody."""
    with nginx.serve(tmp_path_factory.mktemp("alone") / "nginx", nobody) as server:
        yield server


def reached(answer: Answer) -> dict[str, Any]:
    """What reached the application."""
    assert answer.status == 200
    said: dict[str, Any] = json.loads(answer.body)
    return said


def raw(web: Nginx, data: bytes, *, tls: bool = True) -> bytes:
    """What comes back on these bytes."""
    connection: socket.socket
    connection = web.connect() if tls else socket.create_connection(("127.0.0.1", web.tls), timeout=30)
    with connection:
        connection.sendall(data)
        found = b""
        while part := connection.recv(65536):
            found += part
        return found


def secrets_in(said: str) -> set[str]:
    return {one for one in (CODE, ESTATE) if one in said}


# ---- what is written down


def test_an_ordinary_request_is_in_the_log_by_the_first_word_of_its_address(web: Nginx) -> None:
    web.ask("GET", "/releases/3?page=2")
    lines = web.told().splitlines()
    assert any(re.fullmatch(r"127\.0\.0\.1 \[[^]]+\] GET /releases 200 \d+ [\d.]+", line) for line in lines)


@pytest.mark.parametrize("path", SECRET_PATHS)
def test_no_code_or_estate_is_ever_written_down(web: Nginx, path: str) -> None:
    for method in ("GET", "POST", "HEAD"):
        web.ask(method, path)
    web.ask("GET", path, tls=False)
    web.ask("GET", path, host="elsewhere.test")
    web.ask("GET", "/method", headers={"Referer": f"https://{NAME}{path}"})
    web.ask("GET", "/static/css/rating.css", headers={"Referer": f"https://{NAME}{path}"})
    assert secrets_in(web.told()) == set()


@pytest.mark.parametrize("path", SECRET_PATHS)
def test_nor_where_the_application_does_not_answer(alone: Nginx, path: str) -> None:
    answers = {alone.ask(method, path).status for method in ("GET", "POST")}
    assert answers <= {502, 404, 405}
    alone.ask("GET", "/method", headers={"Referer": f"https://{NAME}{path}"})
    assert secrets_in(alone.told()) == set()


def test_nor_where_a_limit_refuses_or_a_body_is_too_large(fresh: Nginx) -> None:
    letter = [fresh.ask("POST", f"/h/{CODE}", b"x" * (129 * KB)).status for _ in range(3)]
    assert letter == [413] * 3
    statuses = flood(fresh, f"/h/{CODE}", 420)
    assert statuses[429] > 0
    assert secrets_in(fresh.told()) == set()


@pytest.mark.parametrize("data", [
    f"GET /h/{CODE} HTTP/9.9\r\nHost: {NAME}\r\n\r\n",
    f"GET /h/{CODE} HTTP/1.1\r\nHost: {NAME}\r\nHost: other\r\n\r\n",
    f"GET /h/{CODE} HTTP/1.1\r\nHost: {NAME}\r\nX: {'y' * 9000}\r\n\r\n",
    f"GET /h/{CODE}%zz HTTP/1.1\r\nHost: {NAME}\r\n\r\n",
    f"GET /h/{CODE}/{'y' * 9000} HTTP/1.1\r\nHost: {NAME}\r\n\r\n",
    f"BAD/h/{CODE} /h/{CODE} HTTP/1.1\r\nHost: {NAME}\r\n\r\n",
    f"/h/{CODE}\r\n\r\n",
    f"POST /h/{CODE} HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: -1\r\n\r\n",
    f"POST /h/{CODE} HTTP/1.1\r\nHost: {NAME}\r\nTransfer-Encoding: odd\r\n\r\n",
])  # fmt: skip
@pytest.mark.parametrize("tls", [True, False], ids=["TLS", "plain bytes on the TLS port"])
def test_nor_where_a_request_is_malformed(web: Nginx, data: str, tls: bool) -> None:
    said = raw(web, data.encode(), tls=tls)
    assert not said.startswith(b"HTTP/1.1 200")
    assert secrets_in(web.told()) == set()


def test_nor_where_somebody_leaves_before_the_answer(web: Nginx) -> None:
    with web.connect() as connection:
        connection.sendall(f"POST /h/{CODE} HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 50\r\n\r\nhalf".encode())
    assert secrets_in(web.told()) == set()


@pytest.mark.parametrize(("right", "wrong"), [
    ("error_log /dev/null emerg;", "error_log {logs}/requests.log error;"),
    ("access_log {logs}/access.log told if=$told;", "access_log {logs}/access.log;"),
])  # fmt: skip
def test_control_another_configuration_does_write_them_down(
    tmp_path: Path, nobody: int, right: str, wrong: str
) -> None:
    """nginx as it comes logs whole addresses, and the page before; so would one of these two lines."""
    folder = tmp_path / "nginx"

    def change(text: str) -> str:
        before, after = (line.format(logs=folder / "log") for line in (right, wrong))
        assert before in text
        return text.replace(before, after)

    with nginx.serve(folder, nobody, change) as web:
        for path in SECRET_PATHS:
            web.ask("GET", path)
        web.ask("GET", "/method", headers={"Referer": f"https://{NAME}/e/{ESTATE}"})
        assert secrets_in(web.told()) == {CODE, ESTATE}


# ---- what reaches the application


def test_what_says_who_asks_and_where_is_set_here_whatever_came_from_outside(web: Nginx) -> None:
    forged = {
        "X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.test",
        "X-Forwarded-Port": "1", "X-Forwarded-Prefix": "/evil", "X-Forwarded-Protocol": "ssl", "X-Forwarded-Ssl": "off",
        "Forwarded": "for=203.0.113.9;host=evil.test", "Proxy": "http://evil.test",
    }  # fmt: skip
    pairs = reached(web.ask("GET", "/method", headers=forged))["headers"]
    assert Counter(name.lower() for name, _ in pairs if name.lower() in {one.lower() for one in forged}) == Counter(
        ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"]
    )
    headers = {name.lower(): value for name, value in pairs}
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-forwarded-proto"] == "https"
    assert headers["x-forwarded-host"] == headers["host"] == NAME


def test_names_with_an_underscore_do_not_get_through(web: Nginx) -> None:
    sent = {"SCRIPT_NAME": "/evil", "PATH_INFO": "/evil", "X_FORWARDED_FOR": "203.0.113.9", "X-Ordinary": "yes"}
    names = [name.lower() for name, _ in reached(web.ask("GET", "/method", headers=sent))["headers"]]
    assert "x-ordinary" in names
    assert not any("_" in name for name in names)


def test_a_slow_request_reaches_the_application_only_when_it_is_whole(web: Nginx, upstream: EchoServer) -> None:
    before = upstream.begun
    head = f"POST /e/{ESTATE} HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 4\r\nConnection: close\r\n\r\n"
    slow = [web.connect() for _ in range(40)]
    for connection in slow:
        connection.sendall(f"{head}ab".encode())
    assert reached(web.ask("GET", "/method"))["path"] == "/method"  # while forty others dawdle
    assert upstream.begun == before + 1
    for connection in slow:
        connection.sendall(b"cd")
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
        connection.close()
    assert upstream.begun == before + 41


@pytest.mark.parametrize(("path", "most"), [
    (f"/h/{CODE}", 128 * KB),
    (f"/e/{ESTATE}", 128 * KB),
    ("/receipts", 64 * KB),
    ("/sign-in", 64 * KB),
    ("/anything", 64 * KB),
    ("/bureau/talks/3/hold", 512 * KB),
    ("/bureau/register", 64 * MB),
    ("/bureau/rounds/2/on-site", 64 * MB),
    ("/bureau/rulebooks/load", 64 * MB),
    ("/bureau/adjustments/new", 64 * MB),
    ("/committee/estates/7/rate", 64 * MB),
])  # fmt: skip
def test_a_body_may_be_as_large_as_its_page_takes_and_no_larger(web: Nginx, path: str, most: int) -> None:
    assert reached(web.ask("POST", path, b"x" * min(most, MB)))["length"] == min(most, MB)
    refused = web.ask("POST", path, headers={"Content-Length": str(most + 1)})
    assert refused.status == 413
    assert "内容太大" in refused.body.decode() and "That is too large" in refused.body.decode()


def takes(web: Nginx, path: str, size: int) -> bool:
    """Whether a body of this size would be read; none is sent."""
    head = f"POST {path} HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: {size}\r\nExpect: 100-continue\r\n\r\n"
    with web.connect() as connection:
        connection.sendall(head.encode())
        status = connection.recv(1024).split()[1]
    assert status in {b"100", b"413"}
    return status == b"100"


@pytest.mark.sqlite_only(reason="addresses and sizes stand in the program")
def test_whatever_the_application_takes_gets_through_and_of_strangers_little_more(app: Flask, fresh: Nginx) -> None:
    for rule in app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()) or rule.endpoint.startswith("security."):
            continue
        view = app.view_functions[rule.endpoint]
        path = re.sub(r"<any\((\w+)[^>]*>|<[^>]*>", lambda found: found[1] or "1", rule.rule)
        assert takes(fresh, path, max(taken_by(view))), f"{path}: {taken_by(view)}"
        allowed = rule_of(rule.endpoint, view)
        if allowed is not None and allowed.public:
            assert not takes(fresh, path, 128 * KB + 1), path


# ---- limits


def flood(web: Nginx, path: str, times: int) -> Counter[int]:
    """The statuses of so many requests, one right after the other on one connection."""
    request = f"HEAD {path} HTTP/1.1\r\nHost: {NAME}\r\n\r\n".encode()
    last = request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    said = raw(web, request * (times - 1) + last).decode()
    statuses = Counter(int(found) for found in re.findall(r"^HTTP/1\.1 (\d{3})", said, re.MULTILINE))
    assert sum(statuses.values()) == times
    return statuses


def test_three_hundred_neighbours_behind_one_address_open_their_letters_at_once(fresh: Nginx) -> None:
    assert flood(fresh, f"/h/{CODE}", 300) == {200: 300}


def test_beyond_that_the_letters_limit_refuses_in_words(fresh: Nginx) -> None:
    statuses = flood(fresh, f"/h/{CODE}", 900)
    assert statuses[429] > 0 and statuses[200] >= 301
    refused = next(one for one in (fresh.ask("GET", f"/h/{CODE}") for _ in range(400)) if one.status == 429)
    assert "请过一分钟再试" in refused.body.decode() and "try again in a minute" in refused.body.decode()
    assert refused.headers["Retry-After"] == "30"
    assert refused.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("path", "at_once"), [
    ("/sign-in", 21),
    ("/releases/1/notice-board.pdf", 6),
    ("/bureau/rounds/1/posters.pdf", 6),
    ("/bureau/rounds/1/letters/QY0001", 6),
    ("/bureau/rounds/1/communities/C01/letters", 6),
])  # fmt: skip
def test_so_many_at_once_and_no_more(fresh: Nginx, path: str, at_once: int) -> None:
    statuses = flood(fresh, path, at_once + 30)
    assert statuses[200] >= at_once
    assert statuses[429] >= 10  # a slow machine may let one a second more


def test_ordinary_pages_have_no_limit(fresh: Nginx) -> None:
    assert flood(fresh, "/method", 700) == {200: 700}


# ---- whom it answers


def test_another_name_gets_no_answer(web: Nginx) -> None:
    assert web.ask("GET", "/method").status == 200
    assert web.ask("GET", "/method", host="evil.test") == Answer(0)
    assert web.ask("GET", "/method", host="127.0.0.1", tls=False) == Answer(0)
    assert raw(web, b"GET /method HTTP/1.0\r\n\r\n") == b""
    with pytest.raises(ssl.SSLError):
        web.connect("evil.test")


def test_without_tls_it_leads_to_the_same_page_with_tls(web: Nginx) -> None:
    answer = web.ask("GET", f"/h/{CODE}?a=b", tls=False)
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{NAME}/h/{CODE}?a=b")


def test_static_files_come_from_here_and_are_taken_for_what_they_are(alone: Nginx) -> None:
    for path, kind in {
        "css/rating.css": "text/css",
        "js/keep.js": "text/javascript",
        "img/icon.svg": "image/svg",
    }.items():
        answer = alone.ask("GET", f"/static/{path}")
        assert answer.status == 200
        assert answer.body == (nginx.ROOT / "static" / path).read_bytes()
        assert answer.headers["Content-Type"].startswith(kind)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=31")
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in answer.headers
        packed = alone.ask("GET", f"/static/{path}", headers={"Accept-Encoding": "gzip"})
        assert packed.headers["Content-Encoding"] == "gzip" and gzip.decompress(packed.body) == answer.body
    missing = alone.ask("GET", "/static/css/nothing.css")
    assert missing.status == 404 and missing.headers["X-Content-Type-Options"] == "nosniff"
    assert missing.headers["Strict-Transport-Security"].startswith("max-age=31")
    assert "frame-ancestors 'none'" in missing.headers["Content-Security-Policy"]
    for path in ("/static/../deploy/nginx.conf", "/static../wsgi.py", "/static/%2e%2e/wsgi.py"):
        assert alone.ask("GET", path).status in {400, 404, 502}


def test_while_the_application_restarts_residents_are_told_so(alone: Nginx) -> None:
    answer = alone.ask("GET", f"/h/{CODE}")
    assert answer.status == 502
    assert "请过一分钟再试" in answer.body.decode() and "Please try again in a minute" in answer.body.decode()
    assert "nginx" not in answer.body.decode()
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31")
