"""One request that lies about the site's place or name changes no page of anybody else's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, nullcontext
from pathlib import Path

import pytest
from flask import Flask

from rating.evaluations import page_cache
from rating.rounds.models import RatedEstate
from rating.web.outermost import Outermost
from tests.factories import RatedEstateFactory, issue_code
from tests.support.gunicorn import Gunicorn, serve
from tests.support.households import Household, Town
from tests.support.phone import Phone

FORM, EVIL = "/e/QY0001", "/evil"
GUARDS = ("outermost", "page cache")


@pytest.fixture(autouse=True)
def _nothing_cached() -> Iterator[None]:
    page_cache._cached.clear()
    yield
    page_cache._cached.clear()


@pytest.fixture
def rated(app: Flask) -> RatedEstate:
    return RatedEstateFactory(estate__code="QY0001", households=20)


def form_after_a_lie(app: Flask, rated: RatedEstate, without: tuple[str, ...], lie: dict[str, str]) -> str:
    """Somebody opens a form with a lie in the request; then a neighbour opens theirs."""
    with pytest.MonkeyPatch.context() as patch:
        if "outermost" in without:
            outer = app.wsgi_app.__closure__[1].cell_contents  # type: ignore[attr-defined]
            assert isinstance(outer, Outermost)
            patch.setattr(app, "wsgi_app", outer.plain)
        if "page cache" in without:
            patch.setattr(page_cache, "_clean_request", lambda _: nullcontext())
        liar, neighbour = app.test_client(), app.test_client()
        liar.get(f"/h/{issue_code(rated)}")
        liar.get(FORM, environ_overrides=lie)
        neighbour.get(f"/h/{issue_code(rated)}")
        return neighbour.get(FORM).text


@pytest.mark.sqlite_only(reason="what is cached is text")
@pytest.mark.parametrize("without", [(), *((one,) for one in GUARDS), GUARDS], ids=str)
def test_a_place_that_a_request_claims_is_in_no_cached_form(
    app: Flask, rated: RatedEstate, without: tuple[str, ...]
) -> None:
    """Each guard alone is enough; the control is without both."""
    page = form_after_a_lie(app, rated, without, {"SCRIPT_NAME": EVIL})
    assert 'action="' in page
    assert (EVIL in page) is (without == GUARDS)


@pytest.mark.sqlite_only(reason="what is cached is text")
def test_no_header_is_in_a_cached_form(app: Flask, rated: RatedEstate) -> None:
    names = ("HTTP_HOST", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PREFIX", "HTTP_USER_AGENT", "HTTP_REFERER")
    for name in names:
        page_cache._cached.clear()
        page = form_after_a_lie(app, rated, ("outermost",), {name: "evil.test"})
        assert 'action="' in page and "evil" not in page


# ---- a real server, and a proxy that lets names with an underscore through, as Apache's does


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """An open round."""
    folder = tmp_path_factory.mktemp("town")
    found = Town(f"sqlite:///{folder / 'rating.sqlite3'}", folder)
    yield found
    found.close()


def second_form(site: Gunicorn, households: list[Household]) -> str:
    """What the second household gets after the first has asked with a header that claims a place."""
    liar, neighbour = Phone(site.port), Phone(site.port)
    form = liar.send("GET", f"/h/{households[0].code}").path
    liar.headers["SCRIPT_NAME"] = EVIL
    for path in (f"{EVIL}{form}", form):
        liar.send("GET", path)
    return neighbour.open(households[1].code).page


@pytest.mark.parametrize("application", ["wsgi:app", "tests.support.unguarded:app"], ids=["ours", "unguarded"])
@pytest.mark.parametrize("headers", ["", "SCRIPT_NAME,PATH_INFO"], ids=["as served", "gunicorn's default"])
def test_a_header_poisons_no_form_of_a_real_server(town: Town, tmp_path: Path, application: str, headers: str) -> None:
    """The control is the application without its guards, under gunicorn as it comes."""
    households = town.settle(2)
    with ExitStack() as stack:
        site = stack.enter_context(
            serve(town.url, tmp_path, application=application, workers=1, threads=1, swapped={"": headers})
        )
        page = second_form(site, households)
    assert 'action="' in page
    assert (EVIL in page) is (application != "wsgi:app" and headers != "")
