"""The site with what holds 'once' taken out, as a negative control: it looks, and then writes without a condition.

(The other guard is a trigger of the database: see Town.take_out_once.)

Two of the same worker's threads that have looked wait for each other, so that the gap is hit each time there are two.
One request after another is told apart even so: only those that are truly simultaneous are counted twice.
"""

from __future__ import annotations

from contextlib import suppress
from threading import Barrier, BrokenBarrierError

from sqlalchemy import ColumnElement, Connection, func, select, true

from rating import queue
from rating.app import create_app
from rating.evaluations import service
from rating.evaluations.models import Participation
from rating.rounds.models import RatedEstate

mark = service.mark_answered
two = Barrier(2)


def always(_household_number: int) -> ColumnElement[bool]:
    """The condition of the statement that marks a household, taken out."""
    return true()


def look_then_mark(connection: Connection, rated_estate: RatedEstate, household_number: int) -> bool:
    """Whether the household had not answered when it was looked at, before the transaction in which it is marked."""
    marks = select(func.substr(Participation.answered, household_number, 1))
    if connection.scalar(marks.where(Participation.rated_estate_id == rated_estate.id)) == "1":
        return False
    connection.exec_driver_sql("ROLLBACK")
    queue.leave(connection.info)
    with suppress(BrokenBarrierError):
        two.wait(timeout=0.5)
    if two.broken:
        two.reset()
    queue.enter(connection.info)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.dialect.name == "sqlite" else "BEGIN")
    return mark(connection, rated_estate, household_number)


service._not_yet = always
service.mark_answered = look_then_mark
app = create_app()
