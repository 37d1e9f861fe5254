"""Nothing that names a person stays anywhere, whatever people and networks send."""

from __future__ import annotations

import http.client
import io
import itertools
import random
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlencode

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask
from werkzeug.routing import AnyConverter, Rule

from rating.access import Role
from rating.accounts.models import User
from rating.evaluations.masking import MASK
from rating.evaluations.models import Channel, DisputeCount, Evaluation
from rating.extensions import db
from rating.registry.models import Estate
from tests.factories import RatedEstateFactory, UserFactory, issue_code
from tests.secrecy import searching
from tests.secrecy.markers import MASKED, Markers, make_markers
from tests.support.client import Client
from tests.support.gunicorn import serve
from tests.support.phone import Answer, filled, read

HOUSEHOLDS = 27
STRANGERS = 37  # with these numbers a thousand markers are just enough
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
HEADERS = ("User-Agent", "Referer", "Accept-Language", "From", "X-Real-IP", "X-WeChat-Name")


class Telltale:
    """A browser behind a proxy, whose owner gives himself away wherever he can."""

    def __init__(self, port: int, markers: Markers, number: int) -> None:
        self.port, self.markers = port, markers
        self.cookies = {"name": quote(markers.take("cookie")), "lang": quote(markers.take("language cookie"))}
        self.headers = {name: markers.take(name) for name in HEADERS}
        self.address = f"198.51.{number}.{100 + number}"
        markers.sent.setdefault("address", []).append(self.address)

    def send(self, method: str, path: str, fields: dict[str, str] | None = None) -> Answer:
        """One request; `fields` go as a form."""
        told = {**self.headers, "X-Forwarded-For": f"{self.headers['From']}, {self.address}"}
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {name: value.encode() for name, value in {**FORM, **told, "Cookie": cookies}.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, urlencode(fields) if fields is not None else None, headers)
        answer = read(connection.getresponse())
        connection.close()
        self.cookies.update(answer.cookies)
        return answer

    def take(self, way: str) -> str:
        """A marker for this way."""
        return self.markers.take(way)

    def rate(self, estate: str, code: str) -> None:
        """Open the letter, forget a mark, mend it, send it with more than was asked for, and dispute it."""
        form = filled(self._open(estate, code))
        number, more = self.markers.take("comment", *MASKED), {"name": self.take("unknown field")}
        form["comment"] = f"灯坏了，找{number}，谢谢"
        mark = next(name for name, value in form.items() if value.isdigit() and len(value) == 1)
        assert self.send("POST", f"/e/{estate}", {**form, **more, mark: ""}).status == 422
        assert self.send("POST", f"/e/{estate}", {**form, **more}).status == 303
        del self.cookies["tickets"]  # somebody else of the household
        answered = filled(self._open(estate, code))
        assert self.send("POST", f"/e/{estate}/dispute", {**answered, "why": self.take("dispute")}).status == 303

    def _open(self, estate: str, code: str) -> str:
        assert self.send("GET", f"/h/{code}").status == 303
        return self.send("GET", f"/e/{estate}").page

    def stray(self, estate: str) -> None:
        """Try everything else that takes a text."""
        self.send("GET", f"/?name={quote(self.take('query'))}")
        self.send("GET", f"/search?q={quote(self.take('search'))}")
        self.send("GET", f"/{quote(self.take('path'))}")
        self.send("GET", f"/e/{quote(self.take('estate in path'))}")
        self.send("GET", f"/h/{quote(self.take('code in path'))}")
        self.send("GET", f"/invitations/{quote(self.take('invitation in path'))}")
        self.send("POST", f"/e/{estate}/code", {**self._form("/e/" + estate), "code": self.take("code")})
        self.send("POST", f"/e/{estate}", {"code": self.take("code beside the form")})
        self.send("POST", "/receipts", {**self._form("/receipts"), "number": self.take("receipt")})
        name = {"username": self.take("sign-in name"), "password": self.take("password")}
        self.send("POST", "/sign-in", {**self._form("/sign-in"), **name})

    def _form(self, path: str) -> dict[str, str]:
        return filled(self.send("GET", path).page)


Run = Callable[..., Result]
SignIn = Callable[[User], Client]


@pytest.fixture
def told(app: Flask, run_command: Run, sign_in: SignIn, tmp_path: Path) -> tuple[Markers, searching.Haystacks]:
    """A thousand markers sent to a served application; then everything that it keeps, shows and writes."""
    markers = make_markers()
    rated = RatedEstateFactory(households=HOUSEHOLDS)
    codes = [issue_code(rated, household_number=number) for number in range(1, HOUSEHOLDS + 1)]
    estate, url = rated.estate.code, db.engine.url.render_as_string(hide_password=False)
    db.session.commit()
    with serve(url, tmp_path / "served", RATING_TODAY="2026-09-07", RATING_PROXIES="1") as site:
        for number, code in enumerate(codes):
            Telltale(site.port, markers, number).rate(estate, code)
        for number in range(HOUSEHOLDS, HOUSEHOLDS + STRANGERS):
            Telltale(site.port, markers, number).stray(estate)
    assert len(markers) == 0
    return markers, everything(app, run_command, sign_in, tmp_path)


def everything(app: Flask, run_command: Run, sign_in: SignIn, folder: Path) -> searching.Haystacks:
    """Rows, files of the database and of the data folder (with the log), pages and downloads, a backup."""
    backup = folder / f"backup{random.randrange(10**6)}.zip"
    run_command("backup", backup)
    return {
        **{f"row {place}": content for place, content in searching.rows().items()},
        **{f"disk {place}": content for place, content in on_disk().items()},
        **{f"served {place}": content for place, content in searching.files(folder / "served").items()},
        **{f"page {place}": content for place, content in pages(app, sign_in).items()},
        **{f"backup {place}": content for place, content in searching.members(backup).items()},
    }


def on_disk() -> searching.Haystacks:
    """The database's own files, with what it has not yet put in place."""
    if db.engine.dialect.name == "sqlite":
        file = Path(str(db.engine.url.database))
        return searching.files(file.parent, f"{file.name}*")
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("CHECKPOINT")
        data = Path(connection.exec_driver_sql("SHOW data_directory").scalar_one())
        own = connection.exec_driver_sql("SELECT oid FROM pg_database WHERE datname = current_database()").scalar_one()
    return searching.files(data, f"base/{own}/*") | searching.files(data, "pg_wal/*")


def spelled(app: Flask, rule: Rule) -> Iterator[str]:
    """A rule's addresses with each of the words that it offers; none if it has another argument than such words."""
    offered = {name: cast("Any", rule)._converters[name] for name in rule.arguments}
    if all(isinstance(one, AnyConverter) for one in offered.values()):
        for words in itertools.product(*(sorted(one.items) for one in offered.values())):
            yield app.url_map.bind("").build(rule.endpoint, dict(zip(offered, words, strict=True)))


def pages(app: Flask, sign_in: SignIn) -> searching.Haystacks:
    """Every page and download whose address names no record, as the public, the bureau and the auditor get it."""
    addresses = sorted(
        address for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) for address in spelled(app, rule)
    )
    people = {"bureau": UserFactory(role=Role.BUREAU), "auditor": UserFactory(role=Role.AUDITOR)}
    browsers = {"public": app.test_client(), **{name: sign_in(user) for name, user in people.items()}}
    found: searching.Haystacks = {}
    for who, browser in browsers.items():
        for address in addresses:
            answer = browser.get(address).get_data()
            found[f"{address} for {who}"] = _unpacked(answer) if answer.startswith(b"PK") else answer
    return found


def _unpacked(workbook: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(workbook)) as opened:
        return b"\n".join(opened.read(name) for name in opened.namelist())


def test_nothing_that_names_a_person_is_kept_shown_or_logged(
    app: Flask,
    told: tuple[Markers, searching.Haystacks],
    run_command: Run,
    sign_in: SignIn,
    tmp_path: Path,
) -> None:
    markers, kept = told
    assert len(markers.all_sent) == 1000 + HOUSEHOLDS + STRANGERS
    comments = db.session.scalars(sa.select(Evaluation.comment)).all()
    assert comments == [f"灯坏了，找{MASK}，谢谢"] * HOUSEHOLDS
    assert set(db.session.scalars(sa.select(Evaluation.channel))) == {Channel.OWN}
    assert db.session.scalar(sa.select(sa.func.sum(DisputeCount.count))) == HOUSEHOLDS
    assert kept["served server.log"].count(b'"event": "request"') > 10 * STRANGERS
    assert b'"/h/<code>"' in kept["served server.log"]
    assert searching.find(markers.all_sent, kept) == set()

    # The negative control: what a column does hold is found in all these places.
    written = markers.sent["comment"][0]
    db.session.execute(sa.update(Estate).values(address=f"家住{written}"))
    db.session.commit()
    places = {
        where.split()[0] for _, where in searching.find([written], everything(app, run_command, sign_in, tmp_path))
    }
    assert places == {"row", "disk", "page", "backup"}


@pytest.mark.parametrize("form", sorted(searching.written_forms("顾磊磊路103弄")))
def test_a_marker_is_found_in_whatever_form_it_is_written(form: bytes) -> None:
    for before in range(12):
        assert searching.find(["顾磊磊路103弄", "13800138000"], {"log": b"x" * before + form + b"y"}) == {
            ("顾磊磊路103弄", "log")
        }
    assert searching.find(["顾磊磊路103弄"], {"log": form[:-1]}) == set()
