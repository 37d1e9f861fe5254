"""The site with what holds 'once' taken out, as a negative control: it looks, and then writes without a condition.

(The other guard is a trigger of the database: see Town.take_out_once.)

Two of the same worker's threads that have looked wait for each other, so that the gap is hit each time there are two.
One request after another is told apart even so: only those that are truly simultaneous are counted twice.
"""

from __future__ import annotations

from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, select, true

from rating.app import create_app
from rating.evaluations import service
from rating.evaluations.models import Participation
from rating.rounds.models import RatedEstate
from rating.storage import writers
from rating.storage.statements import ConstantStatement

LOOK = ConstantStatement(
    select(func.substr(Participation.answered, bindparam("number"), 1)).where(
        Participation.rated_estate_id == bindparam("rated_estate_id")
    )
)
mark = service.mark_answered
two = Barrier(2)


def always(_household_number: int) -> ColumnElement[bool]:
    """The condition of the statement that marks a household, taken out."""
    return true()


def look_then_mark(connection: Connection, rated_estate: RatedEstate, household_number: int) -> bool:
    """Whether the household had not answered when it was looked at, before the transaction in which it is marked."""
    found = LOOK.run(connection, {"number": household_number, "rated_estate_id": rated_estate.id})
    if found == ("1",):
        return False
    driver: Any = connection.connection
    driver.rollback()
    writers.leave(driver.info)
    with suppress(BrokenBarrierError):
        two.wait(timeout=0.5)
    if two.broken:
        two.reset()
    writers.enter(driver.info)
    if connection.dialect.name == "sqlite":
        driver.execute("BEGIN IMMEDIATE")
    return mark(connection, rated_estate, household_number)


service._not_yet = always
service.mark_answered = look_then_mark
app = create_app()
