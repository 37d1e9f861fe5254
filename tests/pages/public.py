"""A published town for the public pages' tests."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from rating.access import SYSTEM
from rating.releases.models import Release
from rating.releases.service import draft_release, publish_release, start_preview
from tests.factories import ContractFactory
from tests.results.town import KINDS, Kind, Town, acting, build_town, bureau, compute
from tests.support.clock import START
from tests.support.images import built_once

MANAGER = "李经理"
PUBLISHED = datetime(2026, 9, 21, 1, tzinfo=UTC)  # the preview of a town ends on the 20th
SHOWN_UNTIL = date(2026, 12, 21)
WHILE_SHOWN = datetime(2026, 10, 8, 1, tzinfo=UTC)
LAST_MOMENT = datetime(2026, 12, 21, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
DISPLAY_OVER = datetime(2026, 12, 21, 16, 0, tzinfo=UTC)  # midnight

# Ten evaluations are the fewest that are shown, so one estate has ten and another nine.
EDGE = Kind("edge", [(80, 40), (40, 10), (40, 9), (40, 6)], 4.0, 0.8)


@built_once
def publish_town(*more: Kind, note: str = "", **round_: Any) -> tuple[Town, Release]:
    """A town whose release is out, every estate under a contract with a named manager."""
    town = build_town((*KINDS, *more), **round_)
    for rated in town.all_estates:
        ContractFactory(estate=rated.estate, company=rated.company, manager=MANAGER)
    return town, publish(town, note)


def publish(town: Town, note: str = "") -> Release:
    """Compute, preview, draft, sign."""
    compute(town)
    start_preview(town.round, SYSTEM, START)
    draft = draft_release(town.round, note, acting(bureau()), START)
    return publish_release(draft, draft.digest, acting(bureau()), PUBLISHED)
