"""Once a round: do residents who rate late, or with a helper, rate differently? A hint at those who stayed silent.

Of days only the week is known (rating.evaluations.models.Evaluation), so the last third of a round's days is taken by
whole weeks. The formula is docs/method.md, formula 20; the arithmetic is rating.scoring.contrast_groups.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import func, select

from rating.evaluations.models import Channel, Evaluation
from rating.extensions import db
from rating.registry.models import Estate
from rating.results.cells import counted_by
from rating.results.models import CityContrast, ContrastKind, ScorecardCell, StoredScorecard
from rating.results.queries import list_shown_scorecards
from rating.rounds.models import RatedEstate
from rating.scoring import Contrast, Moments, TwoGroups, contrast_groups

# A helper fills in at the door, or enters a paper form.
WITH_A_HELPER = frozenset({Channel.HELPER, Channel.PAPER})


def keep_contrasts(stored: StoredScorecard) -> None:
    """Compute the city's contrasts for a scorecard and store them with it; does nothing where that was done.

    What an earlier preview of the round showed of them stays as it is: two of them could be subtracted.
    """
    if list_contrasts(stored):
        return
    shown = [one for one in list_shown_scorecards(stored.round) if one.id != stored.id]
    if shown:
        found = [_copy(one, stored) for one in list_contrasts(shown[-1])]
    else:
        found = [_keep(kind, one, stored) for kind, one in contrast_residents(stored).items()]
    db.session.add_all(found)
    db.session.flush()


def _keep(kind: ContrastKind, found: Contrast, stored: StoredScorecard) -> CityContrast:
    return CityContrast(
        scorecard_id=stored.id,
        kind=kind,
        difference=found.difference,
        lower=found.lower,
        upper=found.upper,
        estates=found.estates,
        first_count=found.first_count,
        second_count=found.second_count,
        is_beyond=found.is_beyond,
    )


def _copy(shown: CityContrast, stored: StoredScorecard) -> CityContrast:
    columns = [column.key for column in CityContrast.__mapper__.columns]
    return CityContrast(**{name: getattr(shown, name) for name in columns} | {"scorecard_id": stored.id})


def list_contrasts(stored: StoredScorecard) -> list[CityContrast]:
    """A scorecard's stored contrasts: late − early, then helper − own entry, where there is enough data."""
    rows = db.session.scalars(select(CityContrast).where(CityContrast.scorecard_id == stored.id))
    return sorted(rows, key=lambda row: list(ContrastKind).index(row.kind))


def contrast_residents(stored: StoredScorecard) -> dict[ContrastKind, Contrast]:
    """The contrasts of the evaluations that a scorecard counts, over the estates that it shows."""
    round_ = stored.round
    rules = round_.rulebook.content.rules()
    if not rules.residents_count:
        return {}
    sums = _sum_by_week_and_channel(stored)
    late_from = first_late_week(round_.opens_on, round_.closes_on)
    found = {ContrastKind.HELPER: contrast_groups(rules, _split(sums, lambda one: one[2] in WITH_A_HELPER))}
    if late_from is not None:
        found[ContrastKind.LATE] = contrast_groups(rules, _split(sums, lambda one: one[1] >= late_from))
    return {kind: one for kind, one in found.items() if one is not None}


def first_late_week(opens_on: date, closes_on: date) -> date | None:
    """The Monday from which on weeks are late: most of its open days lie in the last third of all; None for no week."""
    third = ((closes_on - opens_on).days + 1) // 3
    late_from = closes_on - timedelta(days=third - 1)
    monday = opens_on - timedelta(days=opens_on.weekday())
    while monday <= closes_on:
        last = min(monday + timedelta(days=6), closes_on)
        open_days = (last - max(monday, opens_on)).days + 1
        late_days = (last - max(monday, late_from)).days + 1
        if 2 * late_days > open_days:
            return monday
        monday += timedelta(days=7)
    return None


_Key = tuple[tuple[str, int], date, Channel]  # (estate's code, households), week, channel


def _sum_by_week_and_channel(stored: StoredScorecard) -> dict[_Key, Moments]:
    """Moments of the counted residents' evaluations of the shown estates, added up by the database."""
    y = Evaluation.score
    keys = (Estate.code, RatedEstate.households, Evaluation.week, Evaluation.channel)
    rows = db.session.execute(
        select(*keys, func.count(), func.sum(y), func.sum(y * y))
        .select_from(Evaluation)
        .join(RatedEstate, RatedEstate.id == Evaluation.rated_estate_id)
        .join(Estate, Estate.id == RatedEstate.estate_id)
        .join(ScorecardCell, ScorecardCell.rated_estate_id == RatedEstate.id)
        .where(
            ScorecardCell.scorecard_id == stored.id,
            ScorecardCell.group_number == 0,
            *counted_by(stored),
        )
        .group_by(*keys)
    )
    # PostgreSQL answers a sum of big integers with a Decimal, SQLite with an int.
    return {
        ((code, households), week, channel): Moments(count, int(total), int(squares))
        for code, households, week, channel, count, total, squares in rows
    }


def _split(sums: dict[_Key, Moments], is_first: Callable[[_Key], bool]) -> list[TwoGroups]:
    """The sums as two groups an estate."""
    groups: dict[tuple[str, int], list[Moments]] = {}
    for key, moments in sums.items():
        pair = groups.setdefault(key[0], [Moments(), Moments()])
        place = 0 if is_first(key) else 1
        pair[place] += moments
    return [TwoGroups(code, households, *pair) for (code, households), pair in groups.items()]
