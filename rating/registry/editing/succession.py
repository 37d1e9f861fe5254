"""A change of company: the current contract ends, the next begins, and no day has two companies."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from rating.access import Actor
from rating.errors import Invalid
from rating.registry.contracts import lock_estate
from rating.registry.editing.service import add_record, change_record
from rating.registry.models import Contract
from rating.registry.records import KINDS
from rating.wording import _l


def begin_next_contract(
    contract: Contract, last_day: date, following: Mapping[str, Any], version: str, actor: Actor, now: datetime
) -> Contract:
    """End a contract on its last day and begin the next one, both or neither; returns the next one.

    `following` has company, starts_on, ends_on and manager. Raises Invalid where the two would overlap.
    """
    lock_estate(contract.estate_id)
    if last_day < contract.starts_on:
        raise Invalid(
            _l("This contract began on %(day)s; it can't end before that.", day=contract.starts_on), field="last_day"
        )
    if following["starts_on"] <= last_day:
        raise Invalid(
            _l("The next contract must begin after the current one's last day, %(day)s.", day=last_day),
            field="starts_on",
        )
    estate = contract.estate.code
    change_record(KINDS["contracts"], contract, {"ends_on": last_day}, version, actor, now)
    added: Contract = add_record(KINDS["contracts"], {**following, "estate": estate}, actor, now)
    return added
