"""From a copy of an open round's data, who answered can't be joined to what was answered better than by guessing.

Two hundred households answer in a random order. Whatever a copy tells of them is sorted by everything that it holds,
and paired with the evaluations, sorted by everything that these hold. By guessing, one pair in each attempt is right;
nine or more are by chance one attempt in a million.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from rating.evaluations.models import Channel, Participation
from rating.evaluations.service import Filled, Outcome, accept_evaluation
from rating.evaluations.tickets import new_ticket
from rating.extensions import db
from rating.rounds.models import RatedEstate
from tests.factories import RatedEstateFactory, issue_code
from tests.support.clock import START
from tests.support.postgresql import program

HOUSEHOLDS = 260
ANSWER = 200
BY_CHANCE = 8  # of 200, where 1 is expected
TODAY = date(2026, 9, 7)
Truth = dict[int, bytes]  # household number → SHA-256 of its receipt
Orders = dict[str, list[bytes]]
Numbers = dict[str, list[int]]
Run = Callable[..., Result]


def answer_in_random_order(rated: RatedEstate, also: Callable[[int, bytes], None] | None = None) -> Truth:
    """Households answer one after the other, each in a transaction of its own, in which `also` may do more."""
    dice = random.Random(11)
    truth: Truth = {}
    for number in dice.sample(range(1, HOUSEHOLDS + 1), ANSWER):
        ticket = new_ticket(rated.id, number, START)
        marks = "".join(dice.choice("12345?") for _ in range(10))
        filled = Filled(marks, dice.randrange(10**6), "好" * dice.randrange(200) or None)
        trace = dice.randbytes(16)
        assert accept_evaluation(ticket, rated, filled, Channel.OWN, TODAY, trace) is Outcome.COUNTED
        if also is not None:
            also(number, ticket.receipt_hash)
        db.session.commit()
        truth[number] = ticket.receipt_hash
    return truth


def column(statement: str) -> list[bytes]:
    """The first column of what a statement finds."""
    found = [row[0] for row in db.session.execute(sa.text(statement))]
    db.session.rollback()
    return [bytes(value) for value in found]


def orders_of_evaluations(run_command: Run, folder: Path) -> Orders:
    """Their receipts' hashes in every order in which a copy shows them or lets them be sorted."""
    columns = ("id", "receipt_hash", "marks", "score", "comment", "length(comment)", "week, id")
    found = {by: column(f"SELECT receipt_hash FROM evaluation ORDER BY {by}") for by in columns}
    found["as it comes"] = column("SELECT receipt_hash FROM evaluation")
    joined = "SELECT e.receipt_hash FROM trace t JOIN evaluation e ON e.id = t.evaluation_id ORDER BY"
    found["trace"] = column(f"{joined} t.network")
    found["key of the trace"] = column(f"{joined} t.evaluation_id")
    found["backup"] = order_of_backup(run_command, folder / "backup.zip")
    if db.engine.dialect.name == "postgresql":
        found["place on the disk"] = column("SELECT receipt_hash FROM evaluation ORDER BY ctid")
        found["transaction"] = column("SELECT receipt_hash FROM evaluation ORDER BY xmin::text::bigint")
        found["place of the trace"] = column(f"{joined} t.ctid")
        found["pg_dump"] = order_of_pg_dump()
    return found


def order_of_backup(run_command: Run, file: Path) -> list[bytes]:
    """As `rating backup` writes them: here only the order matters, so each is known by its key."""
    hashes = {
        str(row[0]).replace("-", ""): bytes(row[1])
        for row in db.session.execute(sa.text("SELECT id, receipt_hash FROM evaluation"))
    }
    run_command("backup", file)
    with zipfile.ZipFile(file) as archive:
        keys = [json.loads(line)[0] for line in archive.read("evaluation.jsonl").splitlines()]
    return [hashes[key.replace("-", "")] for key in keys]


def order_of_pg_dump() -> list[bytes]:
    """As PostgreSQL's own dump writes them."""
    url = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    dump = subprocess.run(
        [program("pg_dump"), "--data-only", "--inserts", "--table=evaluation", url],
        capture_output=True, check=True, text=True,
    ).stdout  # fmt: skip
    return [bytes.fromhex(found) for found in re.findall(r"'\\x([0-9a-f]{64})'", dump)]


def orders_of_households(rated: RatedEstate) -> Numbers:
    """The numbers of those who have answered, in every order in which a copy shows them or lets them be sorted."""
    answered = db.session.get_one(Participation, rated.id).answered
    numbers = [place for place, mark in enumerate(answered, start=1) if mark == "1"]
    found = {"number": numbers}
    orders = ["code_hash", *(["ctid"] if db.engine.dialect.name == "postgresql" else [])]
    for by in orders:
        rows = db.session.execute(sa.text(f"SELECT household_number FROM household_code ORDER BY {by}"))
        found[by] = [row[0] for row in rows if row[0] in set(numbers)]
    db.session.rollback()
    return found


def right_pairs(truth: Truth, numbers: Numbers, hashes: Orders) -> dict[str, int]:
    """How many pairs are right in each attempt, forwards and backwards."""
    found = {}
    for of, some in numbers.items():
        for by, others in hashes.items():
            assert (len(some), len(others)) == (ANSWER, ANSWER)
            for way, tried in (("", others), (", backwards", others[::-1])):
                found[f"{of} with {by}{way}"] = sum(truth[n] == h for n, h in zip(some, tried, strict=True))
    return found


@pytest.fixture
def rated(app: Flask) -> RatedEstate:
    estate: RatedEstate = RatedEstateFactory(households=HOUSEHOLDS)
    for number in range(1, HOUSEHOLDS + 1):
        issue_code(estate, household_number=number)
    db.session.commit()
    return estate


def test_who_answered_pairs_with_what_was_answered_no_better_than_by_guessing(
    rated: RatedEstate, run_command: Run, tmp_path: Path
) -> None:
    truth = answer_in_random_order(rated)
    attempts = right_pairs(truth, orders_of_households(rated), orders_of_evaluations(run_command, tmp_path))
    assert len(attempts) >= 40
    assert {attempt: right for attempt, right in attempts.items() if right > BY_CHANCE} == {}


def test_a_row_a_household_in_the_same_transaction_would_pair_all(
    rated: RatedEstate, run_command: Run, tmp_path: Path
) -> None:
    """The negative control: rows numbered as they come are seen through, so the attempts above can see."""
    db.session.execute(sa.text("CREATE TABLE naive_mark (id INTEGER PRIMARY KEY, household_number INTEGER)"))
    db.session.execute(sa.text("CREATE TABLE naive_answer (id INTEGER PRIMARY KEY, receipt_hash VARCHAR(64))"))
    db.session.commit()
    places = iter(range(1, ANSWER + 1))

    def note(number: int, receipt_hash: bytes) -> None:
        place = next(places)
        mark = sa.text("INSERT INTO naive_mark VALUES (:id, :number)")
        db.session.execute(mark, {"id": place, "number": number})
        answer = sa.text("INSERT INTO naive_answer VALUES (:id, :hash)")
        db.session.execute(answer, {"id": place, "hash": receipt_hash.hex()})

    try:
        truth = answer_in_random_order(rated, note)
        marks = [row[0] for row in db.session.execute(sa.text("SELECT household_number FROM naive_mark ORDER BY id"))]
        hashes = [
            bytes.fromhex(row[0])
            for row in db.session.execute(sa.text("SELECT receipt_hash FROM naive_answer ORDER BY id"))
        ]
        assert right_pairs(truth, {"id": marks}, {"id": hashes})["id with id"] == ANSWER
        if db.engine.dialect.name == "postgresql":
            # The evaluations themselves tell the order in which they came, by their transactions' numbers. A row a
            # household, inserted in the same transactions, turns that into names; without it there is nothing to hold
            # the order against.
            order = "ORDER BY xmin::text::bigint"
            came = column(f"SELECT receipt_hash FROM evaluation {order}")
            rows = db.session.execute(sa.text(f"SELECT household_number FROM naive_mark {order}"))
            assert right_pairs(truth, {"xmin": [row[0] for row in rows]}, {"xmin": came})["xmin with xmin"] == ANSWER
    finally:
        db.session.rollback()
        db.session.execute(sa.text("DROP TABLE naive_mark"))
        db.session.execute(sa.text("DROP TABLE naive_answer"))
        db.session.commit()
