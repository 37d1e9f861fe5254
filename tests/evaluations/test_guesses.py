"""Guessing codes comes to an end; a whole estate behind one address does not notice."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, update
from sqlalchemy.exc import OperationalError
from stdnum import damm

from rating.access import SYSTEM
from rating.evaluations.tickets import COOKIE, receipt_number
from rating.extensions import db, limiter
from rating.rounds.models import RatedEstate
from rating.rounds.service import issue_codes
from rating.storage.statements import ConstantStatement
from rating.tries.counters import DatabaseStorage, TryCount
from rating.web.request import code_key, now
from tests.factories import RatedEstateFactory, issue_code
from tests.support.client import Client
from tests.support.clock import Clock
from tests.support.pages import Page

See = Callable[..., Page]
HERE, ELSEWHERE = "203.0.113.7", "198.51.100.9"


@pytest.fixture
def rated(app: Flask) -> RatedEstate:
    return RatedEstateFactory(estate__code="QY0001")


@pytest.fixture
def code(rated: RatedEstate) -> str:
    return issue_code(rated)


def unknown(number: int) -> str:
    """A code whose check digit is right, and which nobody has."""
    digits = f"{number:015d}"
    return digits + damm.calc_check_digit(digits)


def slip_of(code: str) -> str:
    return code[:5] + str((int(code[5]) + 1) % 10) + code[6:]


def open_code(client: Client, code: str, address: str = HERE) -> Any:
    return client.get(f"/h/{code}", environ_base={"REMOTE_ADDR": address})


def guess(client: Client, times: int, address: str = HERE, start: int = 0) -> list[int]:
    return [open_code(client, unknown(start + n), address).status_code for n in range(times)]


def rows() -> list[TryCount]:
    return list(db.session.scalars(select(TryCount)))


# ---- one network


def test_after_30_wrong_guesses_a_network_waits_and_another_goes_on(client: Client, code: str) -> None:
    assert guess(client, 32) == [404] * 30 + [429] * 2
    assert open_code(client, code).status_code == 429, "else a guesser would have unlimited tries"
    assert open_code(client, code, ELSEWHERE).status_code == 303


@pytest.mark.parametrize(("language", "words"), [("zh", "请过10分钟再试"), ("en", "Please wait 10 minutes")])
def test_the_page_says_how_long_and_what_else_can_be_done(
    client: Client, see: See, code: str, language: str, words: str
) -> None:
    guess(client, 30)
    page = see(client, f"/h/{code}?lang={language}", status=429, environ_base={"REMOTE_ADDR": HERE})
    assert words in page.text and "Wi-Fi" in page.text
    assert "0000-12345678" in page.text
    assert page.response.headers["Retry-After"] == "600"


def test_when_the_window_ends_the_network_may_try_again(client: Client, clock: Clock, code: str) -> None:
    guess(client, 30)
    clock.advance(minutes=9, seconds=59)
    waiting = open_code(client, code)
    assert (waiting.status_code, waiting.headers["Retry-After"]) == (429, "1")
    clock.advance(seconds=1)
    assert open_code(client, code).status_code == 303
    assert guess(client, 31) == [404] * 30 + [429]


def test_a_phone_that_has_its_ticket_sends_its_form_whoever_guesses_beside_it(
    client: Client, see: See, code: str, app: Flask
) -> None:
    page = see(client, f"/h/{code}", environ_base={"REMOTE_ADDR": HERE})
    guess(app.test_client(), 31)
    filled = {**page.fields("main form"), **{one["name"]: "5" for one in page.all("main fieldset.question input")}}
    receipt = see(client, "/e/QY0001", data=filled, environ_base={"REMOTE_ADDR": HERE})
    assert receipt.path == "/e/QY0001/receipt"


def test_devices_of_one_ipv6_network_count_together_and_other_networks_apart(client: Client, code: str) -> None:
    for device in range(1, 31):
        assert guess(client, 1, f"2001:db8:0:7::{device:x}", start=device) == [404]
    assert open_code(client, code, "2001:db8:0:7:ffff::1").status_code == 429
    assert open_code(client, code, "2001:db8:0:8::1").status_code == 303


# ---- what does not count


def test_a_slip_never_asks_for_a_household_and_counts_as_nothing(
    client: Client, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    run = ConstantStatement._run
    event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    monkeypatch.setattr(
        ConstantStatement, "_run", lambda quick, *args: (asked.append(str(quick.statement)), run(quick, *args))[1]
    )
    statuses = {open_code(client, typed).status_code for typed in (slip_of(code), code[:-1], "abc")}
    statuses |= {open_code(client, slip_of(code)).status_code for _ in range(40)}
    assert statuses == {404}
    assert not [statement for statement in asked if "household_code" in statement or "try_count" in statement]
    assert open_code(client, code).status_code == 303
    assert [statement for statement in asked if "household_code" in statement], "the spy does see who asks"


def test_a_right_code_writes_no_counter_also_where_it_is_of_another_estate(
    client: Client, see: See, code: str, rated: RatedEstate
) -> None:
    RatedEstateFactory(estate__code="QY0002", round=rated.round)
    for _ in range(35):
        assert open_code(client, code).status_code == 303
        assert client.post("/e/QY0002/code", data={"code": code}).status_code == 422
    page = see(client, f"/h/{code}")
    filled = {**page.fields("main form"), **{one["name"]: "5" for one in page.all("main fieldset.question input")}}
    see(client, "/e/QY0001", data=filled)
    assert rows() == []


def test_300_residents_behind_one_address_all_get_in_slips_and_all(app: Flask, rated: RatedEstate) -> None:
    rated.households = 300
    codes = issue_codes(rated, code_key(), SYSTEM, now())
    statuses = []
    for number, code in enumerate(codes):
        phone = app.test_client()
        if number % 4 == 0:
            assert open_code(phone, slip_of(code)).status_code == 404
        if number % 12 == 0:
            assert open_code(phone, unknown(number)).status_code == 404, "an old letter"
        statuses.append(open_code(phone, code).status_code)
    assert statuses == [303] * 300


# ---- what was typed is kept


def test_a_code_typed_on_the_estates_page_is_kept(client: Client, see: See, code: str) -> None:
    for number in range(30):
        assert client.post("/e/QY0001/code", data={"code": unknown(number)}).status_code == 422
    page = see(client, "/e/QY0001/code", data={"code": code}, status=429)
    assert "请过10分钟再试" in page.errors["code"]
    assert page.fields("main form")["code"] == code
    assert page.response.headers["Retry-After"] == "600"


def test_a_form_that_is_asked_for_its_code_again_keeps_every_answer(client: Client, see: See, code: str) -> None:
    page = see(client, f"/h/{code}")
    marks = {one["name"]: "4" for one in page.all("main fieldset.question input")}
    client.delete_cookie(COOKIE)
    filled = {**page.fields("main form"), **marks, "comment": "等了一天"}
    statuses = [client.post("/e/QY0001", data={**filled, "code": unknown(n)}).status_code for n in range(30)]
    assert statuses == [422] * 30
    asked = see(client, "/e/QY0001", data={**filled, "code": code}, status=429)
    kept = asked.fields("main form")
    assert {**marks, "comment": "等了一天", "code": code}.items() <= kept.items()
    assert "请过10分钟再试" in asked.errors["code"]
    assert asked.response.headers["Retry-After"] == "600"


# ---- receipts


def test_receipts_have_a_counter_of_their_own_and_keep_what_was_typed(client: Client, see: See, code: str) -> None:
    for number in range(30):
        typed = receipt_number(hashlib.md5(bytes([number])).digest())
        assert client.post("/receipts", data={"number": typed}).status_code == 404
    assert client.post("/receipts", data={"number": "ABCD"}).status_code == 422, "a slip is told as one"
    page = see(client, "/receipts", data={"number": typed}, status=429)
    assert "请过10分钟再试" in page.errors["number"]
    assert page.fields("main form")["number"] == typed
    assert client.get(f"/h/{code}").status_code == 303


# ---- all networks together


def test_when_all_together_guess_too_much_each_network_has_one_try_and_right_codes_pass(
    app: Flask, client: Client, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    app.config["GUESSES_TOGETHER"] = "6 per hour"
    assert [guess(client, 2, f"192.0.2.{n}", start=10 * n) for n in range(3)] == [[404, 404]] * 3
    assert guess(client, 1, "192.0.2.0") == [429], "it has failed before"
    assert guess(client, 2, "192.0.2.9") == [404, 429]
    assert open_code(client, code, ELSEWHERE).status_code == 303
    logged = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    told = [line for line in logged if line["event"] == "guessing"]
    assert [(line["level"], line["of"], line["limit"]) for line in told] == [("warning", "codes", "6 per 1 hour")]
    assert "192.0.2" not in json.dumps(logged)


def test_after_an_hour_all_may_guess_as_before_and_the_log_tells_it_anew(
    app: Flask, client: Client, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    app.config["GUESSES_TOGETHER"] = "2 per hour"
    for _ in range(2):
        assert guess(client, 3) == [404, 404, 429]
        clock.advance(hours=1)
    assert capsys.readouterr().out.count('"guessing"') == 2


# ---- where the numbers stand


def test_the_database_holds_neither_addresses_nor_codes(client: Client, code: str) -> None:
    open_code(client, unknown(77))
    stored = b"".join(row.key_hash for row in rows())
    assert len(stored) == 2 * 32, "one network, and all together"
    guessable = {HERE, unknown(77), f"codes from {HERE}", "codes of "}
    hashes = {hashlib.sha256(text.encode()).digest() for text in guessable}
    assert not [text for text in guessable if text.encode() in stored]
    assert not [one for one in hashes if one in stored], "a plain hash of an address is as good as the address"


def test_counters_whose_window_is_over_are_deleted(
    client: Client, clock: Clock, run_command: Callable[..., Any]
) -> None:
    for number in range(5):
        guess(client, 1, f"192.0.2.{number}")
    clock.advance(minutes=10)
    guess(client, 1, ELSEWHERE)
    assert sorted(row.tries for row in rows()) == [1, 6], "the five are gone, all together are counted by the hour"
    clock.advance(hours=1)
    assert "counters of tries whose time is over: 2 deleted" in run_command("tick").output
    assert rows() == []


class ReadThenWrite(DatabaseStorage):
    """The negative control: it looks how many there were, and writes one more."""

    STORAGE_SCHEME = None
    barrier = threading.Barrier(2, timeout=30)

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        before = self.get(key)
        db.session.rollback()
        self.barrier.wait()
        db.session.execute(update(TryCount).values(tries=before + amount))
        db.session.commit()
        return before + amount


def count_in_threads(app: Flask, storage: DatabaseStorage, threads: int, each: int) -> int:
    def count() -> None:
        with app.app_context():
            for _ in range(each):
                storage.incr("key", 600)

    running = [threading.Thread(target=count) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return storage.get("key")


def test_no_try_is_lost_when_many_count_at_once(app: Flask) -> None:
    DatabaseStorage().incr("key", 600)
    assert count_in_threads(app, DatabaseStorage(), threads=8, each=25) == 1 + 200


def test_a_counter_that_reads_before_it_writes_would_lose_some(app: Flask) -> None:
    DatabaseStorage().incr("key", 600)
    assert count_in_threads(app, ReadThenWrite(), threads=2, each=1) < 1 + 2


def test_many_windows_that_end_at_once_do_not_lock_each_other_up(app: Flask, clock: Clock) -> None:
    storage = DatabaseStorage()
    for number in range(40):
        storage.incr(f"key {number}", 60)
    clock.advance(minutes=1)
    failed: list[BaseException] = []

    def count(numbers: list[int]) -> None:
        with app.app_context():
            try:
                for number in numbers:
                    storage.incr(f"key {number}", 60)
            except OperationalError as error:
                failed.append(error)

    orders = [list(range(40)), list(reversed(range(40))), list(range(20, 40)) + list(range(20))]
    running = [threading.Thread(target=count, args=(order,)) for order in orders]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert failed == []
    assert {storage.get(f"key {number}") for number in range(40)} == {3}


# A worker of its own: a process that knows of the others only what the database tells it.
WORKER = """
import json, sys
from rating.app import create_app
url, folder, storage, *codes = sys.argv[1:]
app = create_app({
    "TESTING": True, "SECRET_KEY": "for tests only", "SQLALCHEMY_DATABASE_URI": url, "DATA_DIR": folder,
    "RATELIMIT_STORAGE_URI": storage,
})
statuses = [app.test_client().get(f"/h/{code}").status_code for code in codes]
print(json.dumps(statuses), file=sys.stderr)
"""


def guess_in_worker(app: Flask, folder: Path, storage: str, start: int) -> list[int]:
    url = str(app.config["SQLALCHEMY_DATABASE_URI"])
    codes = [unknown(start + n) for n in range(20)]
    command = [sys.executable, "-c", WORKER, url, str(folder), storage, *codes]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    statuses: list[int] = json.loads(done.stderr.splitlines()[-1])
    return statuses


def test_two_workers_count_together(app: Flask, tmp_path: Path) -> None:
    found = [guess_in_worker(app, tmp_path, "database://", start) for start in (0, 20)]
    assert found == [[404] * 20, [404] * 10 + [429] * 10]


def test_two_workers_that_count_in_memory_would_each_count_alone(app: Flask, tmp_path: Path) -> None:
    found = [guess_in_worker(app, tmp_path, "memory://", start) for start in (0, 20)]
    assert found == [[404] * 20] * 2


def test_the_application_counts_in_its_database(app: Flask) -> None:
    assert isinstance(limiter.storage, DatabaseStorage)
    assert app.config["RATELIMIT_STORAGE_URI"] == "database://"


@pytest.mark.sqlite_only(reason="what happens when no database answers hangs on neither")
def test_without_a_database_to_count_in_the_answer_is_503(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("no connection"))

    monkeypatch.setattr(DatabaseStorage, "_write", staticmethod(down))
    response = open_code(client, unknown(1))
    assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
