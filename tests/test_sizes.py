"""Nobody's body is parsed before it is known who sends it and how much that may be."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from rating.access import Role
from rating.accounts.models import User
from rating.server import sizes
from tests.factories import UserFactory
from tests.support.client import Client
from tests.support.pages import Page
from tests.test_access import RULES, guarded, permits, routes

pytestmark = pytest.mark.sqlite_only(reason="a body is refused before the database is asked for anything")

MEGABYTE = b"field=1&" * (sizes.MB // 8)


class Watched(io.BytesIO):
    """A body that knows how much of it was read."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.length, self.taken = len(content), 0

    def read(self, size: int | None = -1) -> bytes:
        found = super().read(size)
        self.taken += len(found)
        return found

    def readinto(self, buffer: Any) -> int:
        found = super().readinto(buffer)
        self.taken += found
        return found


def send(client: Client, url: str, body: Watched, *, chunked: bool = False) -> int:
    """POST the body as a form; chunked as by a client that doesn't say how long it is. Gives back the status."""
    length: dict[str, Any] = {"content_length": body.length}
    if chunked:
        length = {"environ_overrides": {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}}
    kind = "application/x-www-form-urlencoded"
    return client.post(url, input_stream=body, content_type=kind, **length).status_code


def test_of_a_strangers_megabyte_no_route_reads_a_byte(app: Flask, csrf_client: Client) -> None:
    found = {}
    for endpoint, url in routes(app, "POST"):
        body = Watched(MEGABYTE)
        found[endpoint] = (send(csrf_client, url, body), body.taken)
    asked = {endpoint: (413 if RULES[endpoint] == "public" else 302, 0) for endpoint, _ in routes(app, "POST")}
    assert found == asked


def test_a_form_that_may_be_sent_is_read(csrf_client: Client) -> None:
    body = Watched(b"username=nobody&password=nothing")
    assert send(csrf_client, "/sign-in", body) == 400
    assert body.taken == body.length


def test_a_body_that_hides_its_length_is_neither_read_nor_cut(app: Flask, csrf_client: Client) -> None:
    for endpoint, url in routes(app, "POST"):
        body = Watched(MEGABYTE)
        status = send(csrf_client, url, body, chunked=True)
        assert (status, body.taken) == (411 if RULES[endpoint] == "public" else 302, 0), endpoint


@pytest.mark.parametrize("role", Role)
def test_whoever_may_not_enter_has_nothing_read(
    app: Flask, holder_of: Callable[[Role], User], sign_in: Callable[[User], Client], role: Role
) -> None:
    browser = sign_in(holder_of(role))
    for endpoint, url in guarded(app, "POST"):
        if not permits(endpoint, role):
            body = Watched(MEGABYTE)
            assert (send(browser, url, body), body.taken) == (403, 0), endpoint


def test_only_staffs_pages_and_the_residents_form_take_more_than_a_form(app: Flask) -> None:
    larger = {name for name, view in app.view_functions.items() if sizes.taken_by(view) != (sizes.FORM, 0)}
    assert larger >= {"imports.import_files", "rulebooks.load", "sheets.rate_on_site"}
    assert {name for name in larger if RULES[name] == "public"} == {"evaluations.submit"}
    assert sizes.taken_by(app.view_functions["evaluations.submit"]) == (2 * sizes.FORM, 0)


def test_a_file_of_five_times_a_form_is_taken_where_files_are_uploaded(
    see: Callable[..., Page], sign_in: Callable[[User], Client]
) -> None:
    rows = "code,name\nS1,清源街道\n" + "\n" * (5 * sizes.FORM)
    files = {"files": (io.BytesIO(rows.encode()), "subdistricts.csv")}
    page = see(sign_in(UserFactory(role=Role.BUREAU)), "/bureau/register", data=files)
    assert "新增1条" in page.text


def test_an_upload_page_takes_no_megabyte_without_a_file(sign_in: Callable[[User], Client]) -> None:
    body = Watched(MEGABYTE)
    assert (send(sign_in(UserFactory(role=Role.BUREAU)), "/bureau/register", body), body.taken) == (413, 0)


def test_a_form_with_more_fields_than_any_of_ours_is_not_taken(client: Client) -> None:
    few, many = ("&".join(["number=1"] * count).encode() for count in (sizes.MOST_FIELDS, sizes.MOST_FIELDS + 1))
    statuses = [send(client, "/receipts", Watched(body)) for body in (few, many)]
    assert statuses == [422, 400]


def test_a_form_of_many_parts_is_not_taken(client: Client) -> None:
    fields = {f"field{number}": "1" for number in range(sizes.MOST_FIELDS + 1)}
    assert client.post("/receipts", data=fields, content_type="multipart/form-data").status_code == 413


def test_the_page_says_how_much_it_takes(client: Client) -> None:
    response = client.post("/receipts?lang=en", data={"number": "1" * 70_000})
    assert response.status_code == 413
    assert "larger than this page takes (64 KB)" in response.text


@pytest.mark.parametrize("url", ["/subdistrict/talks/1/notify", "/subdistrict/talks/1/hold"])
def test_long_texts_of_a_record_pass_the_limit(app: Flask, sign_in: Callable[[User], Client], url: str) -> None:
    fields = {f"field{number}": "字" * 4000 for number in range(8)}
    matched = app.url_map.bind("").match(url, "POST")
    response = sign_in(UserFactory(role=Role.BUREAU)).post(url.replace("subdistrict", "bureau"), data=fields)
    assert response.status_code == 404, matched
