"""The application behind nginx: whose address counts, and what neither of the two writes down."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rating.rounds.codes import new_code
from tests.support.households import Town
from tests.support.nginx import Nginx
from tests.support.whole_site import serve

PRANKSTER, NEIGHBOUR = "127.0.0.2", "127.0.0.3"
ALLOWED = 30  # wrong codes of one address in ten minutes, by default


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """An open round."""
    folder = tmp_path_factory.mktemp("town")
    found = Town(f"sqlite:///{folder / 'rating.sqlite3'}", folder)
    yield found
    found.close()


def opens(web: Nginx, code: str, source: str, **headers: str) -> int:
    """The status of opening a letter."""
    return web.ask("GET", f"/h/{code.replace(' ', '')}", headers=headers, source=source).status


@pytest.mark.parametrize(("proxies", "neighbour"), [("1", 303), ("0", 429)], ids=["as it should be", "control"])
def test_wrong_codes_of_one_phone_keep_no_neighbour_out(
    town: Town, tmp_path: Path, proxies: str, neighbour: int
) -> None:
    """Not even with a forged X-Forwarded-For; where the proxy isn't counted, they lock everybody out."""
    [household] = town.settle(1)
    with serve(town.url, tmp_path, RATING_PROXIES=proxies) as site:
        wrong = [new_code() for _ in range(ALLOWED + 1)]
        tried = [
            opens(site.web, code, PRANKSTER, **{"X-Forwarded-For": f"198.51.100.{n}"}) for n, code in enumerate(wrong)
        ]
        assert tried == [404] * ALLOWED + [429]
        assert opens(site.web, household.code, NEIGHBOUR) == neighbour
        said = site.told()
        assert household.code not in said and not any(code in said for code in wrong)
