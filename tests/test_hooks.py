"""What is done with every request, and what with those of people who may be signed in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from rating.rounds.models import RatedEstate
from tests.factories import RatedEstateFactory, issue_code
from tests.support.client import Client

RESIDENTS = {"evaluations", "own_receipt"}
OF_EVERY_ANSWER = {
    "Content-Security-Policy", "Permissions-Policy", "Referrer-Policy", "X-Content-Type-Options", "X-Frame-Options",
}  # fmt: skip


def packages(hooks: list[Callable[..., object]]) -> set[str]:
    return {(getattr(hook, "func", hook)).__module__.partition(".")[0] for hook in hooks}


@pytest.mark.sqlite_only(reason="hooks are the same with either")
def test_extensions_look_at_every_request_but_the_residents(app: Flask) -> None:
    looking = {name: packages(app.before_request_funcs.get(name, [])) for name in app.blueprints}
    assert {name for name, found in looking.items() if "flask_wtf" not in found} == RESIDENTS
    assert {name for name, found in looking.items() if "flask_principal" not in found} == RESIDENTS
    assert packages(app.before_request_funcs[None]) == packages(app.after_request_funcs[None]) == {"rating"}


@pytest.mark.sqlite_only(reason="headers are the same with either")
def test_residents_answers_have_the_headers_and_the_log_line_of_all_others(
    app: Flask, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    rated: RatedEstate = RatedEstateFactory(estate__code="QY0001")
    headers = []
    for path in (f"/h/{issue_code(rated)}", "/e/QY0001", "/e/QY0001/receipt", "/e/NOWHERE", "/h/1", "/method"):
        answer = client.get(path)
        headers.append({name: answer.headers.get(name) for name in OF_EVERY_ANSWER})
        assert '"event": "request"' in capsys.readouterr().out
    assert all(one == headers[-1] for one in headers) and all(headers[-1].values())
