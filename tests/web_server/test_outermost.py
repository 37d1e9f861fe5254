"""What holds for every request and every answer, whatever view or file it is for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import Client as PlainClient, TestResponse

from rating.access import Role
from rating.rounds.models import RatedEstate
from rating.server.hosts import is_own
from rating.storage.engines import close_connections
from rating.web.outermost import own_cookies, safe_cookie
from tests.factories import RatedEstateFactory, UserFactory, issue_code
from tests.support.client import Client
from tests.support.clock import Clock
from tests.support.databases import make_app

pytestmark = pytest.mark.sqlite_only(reason="headers and addresses don't hang on the database")

SITE = "https://rating.test"
PAGES = [
    "/",
    "/method",
    "/sign-in",
    "/receipts",
    "/nowhere",
    "/healthz",
    "/static/css/rating.css",
    "/static/nothing.css",
]
FORMS = ["/bureau/rounds/new", "/bureau/people/invite", "/bureau/rulebooks/load", "/bureau/register/add/companies"]
Ask = Callable[..., TestResponse]


@pytest.fixture
def ask(app: Flask) -> Ask:
    """`ask(path, host)`: whatever host a request names."""

    def get(path: str, host: str, method: str = "GET", **environ: str) -> TestResponse:
        client = PlainClient(app)
        return client.open(path, method=method, environ_overrides={"HTTP_HOST": host, **environ}, buffered=True)

    return get


@pytest.fixture
def secured(app: Flask, clock: Clock, tmp_path: Path) -> Iterator[Flask]:
    """The application behind TLS, on the same database."""
    found = make_app(app.config["SQLALCHEMY_DATABASE_URI"], tmp_path, clock, HTTPS=True)
    found.test_client_class = Client
    yield found
    with found.app_context():
        close_connections()


def cookies_of(response: TestResponse) -> dict[str, str]:
    return {header.partition("=")[0]: header for header in response.headers.getlist("Set-Cookie")}


# ---- hosts


@pytest.mark.parametrize(("base", "host", "own"), [
    (SITE, "rating.test", True),
    (SITE, "RATING.test", True),
    (SITE, "rating.test.", True),
    (SITE, "rating.test:443", True),
    (SITE, "rating.test:8443", False),
    (SITE, "rating.test:80", False),
    (SITE, "evil.test", False),
    (SITE, "rating.test.evil.test", False),
    (SITE, "evil.test/rating.test", False),
    (SITE, "user@rating.test", False),
    (SITE, "rating.test, evil.test", False),
    (SITE, "rating.test\n", False),
    (SITE, "127.0.0.1", False),
    (SITE, "localhost", False),
    (SITE, "", False),
    ("https://rating.test:8443", "rating.test:8443", True),
    ("https://rating.test:8443", "rating.test", True),
    ("http://127.0.0.1:8000", "127.0.0.1:8000", True),
    ("http://127.0.0.1:8000", "localhost:9000", True),
    ("http://127.0.0.1:8000", "[::1]:8000", True),
    ("http://127.0.0.1:8000", "localhost.evil.test", False),
    ("http://127.0.0.1:8000", "192.0.2.1:8000", False),
])  # fmt: skip
def test_a_host_is_the_base_addresss_or_it_is_anothers(base: str, host: str, own: bool) -> None:
    assert is_own(host, base) is own


@pytest.mark.parametrize("path", PAGES)
def test_another_host_gets_no_page_but_where_the_site_stands(ask: Ask, path: str) -> None:
    assert ask(path, "rating.test").status_code in {200, 404}
    answer = ask(path, "evil.test")
    assert (answer.status_code, answer.mimetype) == (421, "text/plain")
    assert answer.text == f"本网站的地址只有 {SITE}。\nThis site answers at {SITE} only.\n"
    assert "evil" not in f"{answer.text}{answer.headers}"
    assert ask(path, "evil.test", "HEAD").data == b""


@pytest.mark.parametrize("host", ["", "evil test", "evil.test/", "@"])
def test_what_is_no_host_is_a_bad_request(ask: Ask, host: str) -> None:
    assert ask("/", host).status_code == 400


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]"])
def test_health_addresses_answer_a_probe_on_this_machine_too(ask: Ask, path: str, host: str) -> None:
    assert ask(path, host).text == "ok\n"
    assert ask("/", host).status_code == 421


def test_nor_does_a_probe_need_tls(secured: Flask) -> None:
    secured.testing = False
    get = PlainClient(secured).get
    assert get("/healthz", environ_overrides={"HTTP_HOST": "127.0.0.1:8000"}).text == "ok\n"
    led = get("/method", environ_overrides={"HTTP_HOST": "rating.test"})
    assert (led.status_code, led.headers["Location"]) == (302, f"{SITE}/method")


# ---- headers


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_is_taken_for_what_it_is_and_read_by_no_other_site(ask: Ask, path: str) -> None:
    for host in ("rating.test", "evil.test"):
        headers = ask(path, host).headers
        assert headers.getlist("X-Content-Type-Options") == ["nosniff"]
        assert "Access-Control-Allow-Origin" not in headers
        assert "Strict-Transport-Security" not in headers


@pytest.mark.parametrize("path", PAGES)
def test_behind_tls_every_answer_holds_browsers_to_tls(secured: Flask, path: str) -> None:
    for host in ("rating.test", "evil.test"):
        headers = PlainClient(secured).get(path, environ_overrides={"HTTP_HOST": host}, buffered=True).headers
        assert headers.getlist("Strict-Transport-Security") == ["max-age=31556926; includeSubDomains"]


@pytest.mark.parametrize("path", ["/sign-in", "/verify", "/", "/receipts", "/method", "/static/css/rating.css"])
def test_cache_control_is_words_that_caches_know(app: Flask, path: str) -> None:
    control = app.test_client().get(path).headers["Cache-Control"]
    assert re.fullmatch(
        r"(?:private|public|no-store|no-cache|max-age=\d+)(?:, (?:no-store|no-cache|public|max-age=\d+))*", control
    )
    if path in {"/sign-in", "/verify"}:
        assert control == "private, no-store"


@pytest.mark.parametrize("path", PAGES)
def test_no_answer_may_be_framed_or_load_what_is_not_ours(ask: Ask, path: str) -> None:
    for host in ("rating.test", "evil.test"):
        [policy] = ask(path, host).headers.getlist("Content-Security-Policy")
        rules = dict(rule.strip().partition(" ")[::2] for rule in policy.split(";"))
        for name in ("default-src", "object-src", "base-uri", "frame-ancestors"):
            assert rules[name] == "'none'"
        assert not any("unsafe" in sources or "*" in sources for sources in rules.values())


@pytest.mark.parametrize("path", ["/bureau", "/bureau/people", "/bureau/register", "/account", "/", "/method"])
def test_what_somebody_sees_who_has_signed_in_is_kept_nowhere(sign_in: Callable[..., Client], path: str) -> None:
    headers = sign_in(UserFactory(role=Role.BUREAU)).get(path).headers
    assert headers["Cache-Control"].startswith("private, no-") or headers["Cache-Control"] == "no-store"
    assert path in {"/", "/method"} or "no-store" in headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/", "/method", "/sign-in", "/receipts", "/nowhere"])
def test_no_other_site_is_told_where_somebody_came_from(ask: Ask, path: str) -> None:
    assert ask(path, "rating.test").headers["Referrer-Policy"] == "same-origin"


# ---- cookies


@pytest.fixture
def rated(app: Flask) -> RatedEstate:
    return RatedEstateFactory(estate__code="QY0001", households=20)


def test_behind_tls_each_cookie_is_for_this_host_and_tls_alone(secured: Flask, rated: RatedEstate) -> None:
    """The ticket, the session (with the forms' token), the language, the size of text: all that are ever set."""
    letter = f"/h/{issue_code(rated)}"
    client = secured.test_client()
    for path, name in {
        letter: "tickets", "/sign-in": "rating", "/?lang=en": "lang", "/?text=large": "text",
    }.items():  # fmt: skip
        found = cookies_of(client.get(path, base_url="https://localhost"))
        assert f"__Host-{name}" in found
        for cookie_name, header in found.items():
            assert cookie_name.startswith("__Host-")
            [morsel] = SimpleCookie(header).values()
            assert (morsel["secure"], morsel["path"], morsel["domain"]) == (True, "/", "")
            assert morsel["samesite"] == "Lax"
            assert morsel["httponly"] is True


def test_without_tls_their_names_are_plain(app: Flask, rated: RatedEstate) -> None:
    assert [*cookies_of(app.test_client().get(f"/h/{issue_code(rated)}"))] == ["tickets"]


def test_behind_tls_a_letter_leads_to_the_form_and_a_cookie_of_another_host_to_nothing(
    secured: Flask, rated: RatedEstate
) -> None:
    letter = f"/h/{issue_code(rated)}"
    client = secured.test_client()
    ticket = cookies_of(client.get(letter, base_url="https://localhost"))["__Host-tickets"].partition(";")[0]

    def form_with(cookie: str) -> str:
        return PlainClient(secured, use_cookies=False).get("/e/QY0001", base_url=SITE, headers={"Cookie": cookie}).text

    assert 'name="csrf_token"' in form_with(ticket) and 'id="rating"' in form_with(ticket)
    planted = ticket.removeprefix("__Host-")
    assert 'id="rating"' not in form_with(planted)


def test_of_several_cookies_only_our_own_come_in() -> None:
    assert own_cookies("a=1; __Host-lang=en; lang=zh; x__Host-text=large; __Host-tickets=t") == "lang=en; tickets=t"
    assert own_cookies("") == ""
    assert safe_cookie("a=b; Domain=x.test; Path=/deep; HttpOnly") == "__Host-a=b; HttpOnly; Path=/; Secure"


# ---- residents' pages


def test_residents_pages_are_kept_by_no_browser(app: Flask, rated: RatedEstate) -> None:
    client = app.test_client()
    seen = [client.get(f"/h/{issue_code(rated)}"), client.get("/e/QY0001"), client.get("/e/NONE")]
    token = re.search(r'name="csrf_token" value="(\w+)"', seen[1].text)
    assert token is not None
    questionnaire = rated.round.rulebook.content.questionnaires["resident_to_company"]
    answers = {"comment": "", **{one.key: "5" for one in questionnaire.indicators}}
    seen += [client.post("/e/QY0001", data={"csrf_token": "wrong", **answers})]
    seen += [client.post("/e/QY0001", data={"csrf_token": token[1], **answers}), client.get("/e/QY0001/receipt")]
    assert [one.status_code for one in seen] == [303, 200, 404, 422, 303, 200]
    assert {one.headers["Cache-Control"] for one in seen} == {"private, no-store"}
    assert "no-store" not in client.get("/method").headers["Cache-Control"]


# ---- addresses and methods


@pytest.mark.parametrize("path", FORMS)
def test_head_is_answered_as_get(app: Flask, sign_in: Callable[..., PlainClient], path: str) -> None:
    client = sign_in(UserFactory(role=Role.BUREAU))
    got, head = client.get(path), client.open(path, method="HEAD")
    assert (got.status_code, head.status_code, head.data) == (200, 200, b"")
    assert head.headers["Content-Length"] == str(len(got.data))


def test_head_of_residents_pages_is_answered_as_get(app: Flask, rated: RatedEstate) -> None:
    client = app.test_client()
    letter = f"/h/{issue_code(rated)}"
    for path in (letter, "/e/QY0001", "/e/NONE", "/static/css/rating.css"):
        assert client.open(path, method="HEAD").status_code == client.get(path).status_code


@pytest.mark.parametrize("written", ["１", "٣", "01", "+1", "-1", "1.0"])
def test_a_number_in_an_address_is_written_in_one_way(app: Flask, written: str) -> None:
    assert app.url_map.bind("").match("/releases/1") == ("pages.release", {"number": 1})
    client = app.test_client()
    for path in (f"/releases/{written}", f"/releases/{written}/receipts", f"/releases/{written}/scorecard.json"):
        assert client.get(path).status_code == 404


def test_all_numbers_in_addresses_are_read_by_that_rule(app: Flask) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if "<int" in rule.rule]
    assert len(rules) > 30
    for rule in rules:
        numbers = [one for one in rule._converters.values() if hasattr(one, "num_convert")]
        assert numbers and {type(one).__name__ for one in numbers} == {"PlainInteger"}
