"""Verifying the chain of events: what was changed, deleted, inserted or moved by hand shows.

What doesn't show in the log itself is an end that was cut off, and a chain that somebody recomputed from some event on:
that takes a head that was kept elsewhere, such as in a release or in what `rating tick` printed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from rating.audit.chain import BEFORE_ALL, NO_EVENT, Head, canonical, link
from rating.audit.models import Event

AT_ONCE = 5_000
CONTENT = (
    Event.number,
    Event.at,
    Event.actor_id,
    Event.actor_name,
    Event.kind,
    Event.subject,
    Event.reason,
    Event.data,
)


@dataclass
class Chain:
    """What verifying found: how many events, the last one, and each fault in words; `found` are heads by hash."""

    count: int = 0
    head: Head = NO_EVENT
    faults: list[str] = field(default_factory=list)
    found: dict[bytes, int] = field(default_factory=dict)


def verify_chain(connection: sa.Connection, heads: Collection[bytes] = ()) -> Chain:
    """Read the whole log once and recompute every hash; `heads` are hashes that must be among them."""
    chain, wanted = Chain(), frozenset(heads)
    before: bytes | None = BEFORE_ALL
    for row in _events(connection):
        expected, stored = chain.head.number + 1, bytes(row.hash)
        if row.number != expected:
            chain.faults.append(_out_of_order(expected, row.number))
            before = None  # unknown: it is gone
        if before is not None and link(before, canonical(*row[:-1])) != stored:
            chain.faults.append(f"event {row.number} is not what was recorded: it, or the one before, was changed")
        if stored in wanted:
            chain.found[stored] = row.number
        chain.count += 1
        before, chain.head = stored, Head(row.number, stored)
    return chain


def _events(connection: sa.Connection) -> Iterator[Any]:
    statement = sa.select(*CONTENT, Event.hash).order_by(Event.number)
    yield from connection.execute(statement, execution_options={"yield_per": AT_ONCE})


def _out_of_order(expected: int, found: int) -> str:
    if found < expected:
        return f"event {found} was put in: numbers begin at 1"
    if found == expected + 1:
        return f"event {expected} is missing"
    return f"events {expected} to {found - 1} are missing"
