"""Whatever is changed by hand in the event log shows."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from rating.audit.models import Event
from rating.audit.verifying import verify_chain
from tests.factories import EventFactory
from tests.support import tampering

COUNT = 60
EACH = 15
Run = Callable[..., Result]


@pytest.fixture
def log(app: Flask) -> Iterator[sa.Connection]:
    """A log of events, on a connection of its own."""
    with tampering.writing() as connection:
        tampering.write_log(connection, COUNT, random.Random(5))
        connection.commit()
        yield connection


def test_a_log_that_nobody_touched_has_no_fault_and_its_head_is_found(log: sa.Connection) -> None:
    """The control for all that follows."""
    heads = [tampering.read(log, number)["hash"] for number in (1, 30, COUNT)]
    chain = verify_chain(log, heads)
    assert (chain.count, chain.head, chain.faults) == (COUNT, (COUNT, heads[-1]), [])
    assert chain.found == dict(zip(heads, (1, 30, COUNT), strict=True))


@pytest.mark.parametrize("way", tampering.WAYS, ids=lambda way: way.__name__)
def test_each_way_of_tampering_is_found_each_time(log: sa.Connection, way: tampering.Tampering) -> None:
    """`make proofs` does it a thousand times, and in a log of 100,000."""
    dice = random.Random(way.__name__)
    for _ in range(EACH):
        number = dice.randrange(1, COUNT - 1)
        with tampering.undone(log):
            way(log, number, COUNT, dice)
            assert verify_chain(log).faults, f"{way.__name__} at {number}"
        assert verify_chain(log).faults == []


@pytest.mark.parametrize("column", tampering.COLUMNS)
def test_no_column_can_be_changed_unseen(log: sa.Connection, column: str) -> None:
    value = tampering.another(tampering.read(log, 7), column, random.Random(1))
    with tampering.undone(log):
        log.execute(sa.update(Event.__table__).where(Event.number == 7).values({column: value}))
        assert verify_chain(log).faults == ["event 7 is not what was recorded: it, or the one before, was changed"]


def test_a_gap_is_named_with_its_first_and_last_number(log: sa.Connection) -> None:
    for first, last, words in ((9, 9, "event 9 is missing"), (1, 3, "events 1 to 3 are missing")):
        with tampering.undone(log):
            log.execute(sa.delete(Event.__table__).where(Event.number.between(first, last)))
            assert verify_chain(log).faults == [words]


def cut(log: sa.Connection) -> None:
    log.execute(sa.delete(Event.__table__).where(Event.number > COUNT - 5))


def rewrite(log: sa.Connection) -> None:
    """The whole chain anew with one event changed: nothing in the log can show it."""
    log.execute(sa.delete(Event.__table__))
    tampering.write_log(log, COUNT, random.Random(6))


@pytest.mark.parametrize("way", [cut, rewrite])
def test_an_end_cut_off_or_a_chain_computed_anew_is_found_only_by_a_head_kept_elsewhere(
    log: sa.Connection, way: Callable[[sa.Connection], None]
) -> None:
    head = tampering.read(log, COUNT)["hash"]
    with tampering.undone(log):
        way(log)
        chain = verify_chain(log, [head])
        assert chain.faults == []  # which is why releases and `rating tick` give it away
        assert chain.found == {}


# ---- the command


def test_the_command_tells_the_head_and_that_all_is_well(app: Flask, run_command: Run) -> None:
    EventFactory.create_batch(3)
    said = run_command("audit", "verify").output
    last = EventFactory()
    assert "event log: 3 events, head " in said and "no edit, gap or swap" in said
    head = said.split("head ")[1].split()[0]
    assert "the head that was given is event 3" in run_command("audit", "verify", "--head", head.upper()).output
    assert last.hash.hex() in run_command("tick").output


def test_the_command_fails_where_the_head_is_not_in_the_log(app: Flask, run_command: Run) -> None:
    EventFactory()
    assert (
        "was cut off, or it was computed anew" in run_command("audit", "verify", "--head", "0" * 64, fails=True).output
    )
    assert "64 hexadecimal digits" in run_command("audit", "verify", "--head", "123", fails=True).output


def test_the_command_names_what_was_changed(log: sa.Connection, run_command: Run) -> None:
    for action in ("update", "delete"):
        on_table = " ON event" if log.dialect.name == "postgresql" else ""
        log.exec_driver_sql(f"ALTER TABLE event DISABLE TRIGGER event_refuses_{action}" if on_table else
                            f"DROP TRIGGER event_refuses_{action}")  # fmt: skip
    log.execute(sa.delete(Event.__table__).where(Event.number % 2 == 0))
    log.commit()
    said = run_command("audit", "verify", fails=True).output
    if log.dialect.name == "postgresql":
        for action in ("update", "delete"):
            log.exec_driver_sql(f"ALTER TABLE event ENABLE TRIGGER event_refuses_{action}")
        log.commit()
    assert "wrong: event 2 is missing" in said and f"and {COUNT // 2 - 1 - 20} more" in said


def test_an_empty_log_is_well(app: Flask, run_command: Run) -> None:
    assert "event log: 0 events" in run_command("audit", "verify").output
    assert "event log: no event" in run_command("tick").output


@pytest.mark.parametrize("statement", ["UPDATE event SET reason = 'x'", "DELETE FROM event"])
def test_the_database_itself_refuses_to_change_the_log(log: sa.Connection, statement: str) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="can only be appended to"):
        log.exec_driver_sql(statement)
