"""The demonstration's wide gaps are checked: by the sub-district if it has somebody, else by the bureau."""

from __future__ import annotations

from datetime import date, datetime

from rating.access import Role
from rating.demo.people import People
from rating.gaps.models import GapFinding
from rating.gaps.queries import list_unchecked_gaps
from rating.gaps.service import check_gap
from rating.results.models import StoredScorecard

_ON_SITE_HIGHER = (
    GapFinding.EXPLAINED,
    "入户核实12户：居民不满的主要是停车和维修回应，现场评分当天没有遇到；评分表逐项有记录，予以采用。",
)
_RESIDENTS_HIGHER = (
    GapFinding.NOT_CLEAR,
    "物管会评分普遍低于社区评分，走访住户多数表示满意；已请物管会说明，尚未收到书面材料。",
)


def check_gaps(stored: StoredScorecard, people: People, day: date, moment: datetime) -> None:
    """Record a check of every wide gap of a scorecard."""
    subdistrict, bureau = people.subdistrict.actor(day), people.signer.actor(day)
    for gap in list_unchecked_gaps(stored):
        own = gap.rated_estate.community.subdistrict_id in subdistrict.scope_ids(Role.SUBDISTRICT)
        finding, note = _RESIDENTS_HIGHER if gap.gap > 0 else _ON_SITE_HIGHER
        check_gap(gap.rated_estate, finding, note, subdistrict if own else bureau, moment)
