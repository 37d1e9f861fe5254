"""From tallies to the frozen scorecard."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from rating import scoring
from rating.access import Actor, Role
from rating.adjustments.models import Adjustment, AdjustmentKind
from rating.adjustments.queries import list_valid_adjustments
from rating.audit.service import record
from rating.errors import Conflict
from rating.extensions import db
from rating.results.cells import keep_cells, list_set_apart, list_shown, uncounted_now, uncounted_of
from rating.results.flagged import Treatment, tally_apart, tally_reviewed
from rating.results.models import StoredScorecard
from rating.results.queries import find_previous_scorecard, find_scorecard, list_shown_scorecards
from rating.results.schemas import write_records, write_scorecard, write_tallies
from rating.results.tallies import count_received
from rating.rounds.models import Round, RoundState
from rating.rounds.queries import list_served
from rating.rounds.service import lock_round
from rating.scoring import (
    Direction,
    EstateTally,
    FlaggedCases,
    FoldedTallies,
    Folding,
    Previous,
    Records,
    Scorecard,
    Shown,
    TallyError,
    TooManyEvaluationsError,
    check_flagged,
    flagged_cases,
    fold_round,
    score_round,
    with_flagged,
)
from rating.wording import _l


def compute_scorecard(round_: Round, actor: Actor, now: datetime) -> StoredScorecard:
    """Compute a closed round's scorecard and freeze it under the next sequence number.

    Where nothing has changed since the last time, that scorecard is returned and nothing is written. Raises Conflict
    if the round isn't closed or is beyond it, or the tallies contradict themselves or the intake's counters.
    """
    actor.require(Role.BUREAU)
    lock_round(round_)
    _must_be_closed(round_)
    shown = list_shown(round_)
    made, folding, whole = _compute(round_, now, shown)
    last = find_scorecard(round_)
    if last is not None and _is_same(last, made):
        return last
    made.sequence = last.sequence + 1 if last else 1
    made.computed_at = now
    try:
        with db.session.begin_nested():
            db.session.add(made)
    except IntegrityError as error:
        raise Conflict(_l("Somebody else has just computed this round. Please look again.")) from error
    keep_cells(made, folding, whole, shown)
    stays = {"as_shown": ", ".join(sorted(folding.frozen))} if folding.frozen else {}
    record(
        actor, "scorecard.computed", f"round:{round_.number}", now, sequence=made.sequence, digest=made.digest, **stays
    )
    return made


def _must_be_closed(round_: Round) -> None:
    if round_.state in (RoundState.DRAFT, RoundState.OPEN):
        raise Conflict(_l("A scorecard is computed once the round is closed."))
    if round_.state is not RoundState.CLOSED:
        raise Conflict(_l("The scorecard is frozen: its preview has begun."))


def _compute(
    round_: Round, now: datetime, shown: Sequence[Shown]
) -> tuple[StoredScorecard, Folding, Sequence[EstateTally]]:
    rules = round_.rulebook.content.rules()
    records = _records_of(round_)
    try:
        whole = tally_reviewed(round_)
        folding = _fold(round_, rules, whole, shown)
        card = score_round(rules, folding.tallies, records, find_previous(round_, now))
        flagged = check_flagged(rules, card, folding, whole, _count_flagged(round_, whole))
        content = write_scorecard(with_flagged(card, flagged | _flagged_as_shown(round_, folding)))
    except TooManyEvaluationsError as error:
        raise Conflict(
            _l(
                "These estates have more evaluations than households; their households need correcting: %(estates)s",
                estates=", ".join(error.estates),
            )
        ) from error
    except TallyError as error:
        raise Conflict(_l("The evaluations can't be added up: %(why)s", why=str(error))) from error
    made = StoredScorecard(
        round_id=round_.id,
        rulebook_digest=round_.rulebook.digest,
        tallies=write_tallies(folding.tallies),
        records=write_records(records),
        content=content,
        digest=hashlib.sha256(content.encode()).hexdigest(),
    )
    return made, folding, whole


def _flagged_as_shown(round_: Round, folding: Folding) -> dict[str, FlaggedCases]:
    """What was last said about flagged evaluations of the companies whose residents' tallies stay as they were
    shown.
    """
    if not folding.frozen:
        return {}
    shown = Scorecard.from_json(list_shown_scorecards(round_)[-1].content.encode())
    return {company: cases for company, cases in flagged_cases(shown).items() if company in folding.frozen}


def _count_flagged(round_: Round, whole: Sequence[EstateTally]) -> Sequence[EstateTally]:
    """The tallies with every flagged evaluation counted; read again only where there is any."""
    is_flagged = any(tally.received > tally.never_flagged.count for tally in whole)
    return tally_reviewed(round_, Treatment.ALL_COUNTED) if is_flagged else whole


def find_previous(round_: Round, by: datetime) -> Previous | None:
    """The last round as `score_round` takes it, as frozen at an instant; None before the second round."""
    stored = find_previous_scorecard(round_, by)
    if stored is None:
        return None
    rules = stored.round.rulebook.content.rules()
    return Previous(rules, FoldedTallies.from_json(json.loads(stored.tallies)))


def _fold(round_: Round, rules: scoring.ScoringRules, whole: Iterable[EstateTally], shown: Sequence[Shown]) -> Folding:
    asked = rules.questionnaire(Direction.RESIDENT_TO_COMPANY) is not None
    received = {Direction.RESIDENT_TO_COMPANY: count_received(round_)} if asked else {}
    return fold_round(rules, whole, received=received, uncounted=uncounted_now(round_) if shown else None, shown=shown)


def recompute_tallies(stored: StoredScorecard) -> FoldedTallies:
    """Recompute a scorecard's folded tallies from the evaluations as they are stored now and from what it doesn't
    count.

    A company that was frozen isn't marked as such: what it doesn't count is what it didn't count when it was shown.
    Raises TallyError.
    """
    round_ = stored.round
    return fold_round(
        round_.rulebook.content.rules(),
        tally_apart(round_, list_set_apart(stored)),
        uncounted=uncounted_of(stored),
        shown=list_shown(round_, before=stored.sequence),
    ).tallies


def _is_same(one: StoredScorecard, other: StoredScorecard) -> bool:
    parts = ("rulebook_digest", "tallies", "records", "digest")
    return all(getattr(one, part) == getattr(other, part) for part in parts)


def _records_of(round_: Round) -> Records:
    return gather_records(list_valid_adjustments(round_.closes_on), list_served(round_))


def have_records_changed(stored: StoredScorecard) -> bool:
    """Whether companies' records have been confirmed or withdrawn since a scorecard was computed, so that it is out of
    date.
    """
    return write_records(Records.from_json(json.loads(stored.records))) != write_records(_records_of(stored.round))


def counts_what_was_withdrawn(stored: StoredScorecard) -> bool:
    """Whether a scorecard counts an addition, deduction or cause that has been withdrawn since."""
    frozen, now = Records.from_json(json.loads(stored.records)), _records_of(stored.round)
    return not (set(frozen.adjustments) <= set(now.adjustments) and set(frozen.vetoes) <= set(now.vetoes))


def gather_records(adjustments: Iterable[Adjustment], served: Collection[tuple[int, int]]) -> Records:
    """The records as scoring takes them; `adjustments` are those valid on the round's last day, in a fixed order.

    `served` are (company id, estate id) of the roster: work that one company owes is not held against another that
    serves the estate now.
    """
    rows = list(adjustments)
    return Records(
        adjustments=tuple(_as_points(row) for row in rows if row.points),
        vetoes=tuple(scoring.Veto(row.company.code, row.reason) for row in rows if row.kind is AdjustmentKind.VETO),
        overdue_commitments=frozenset(
            row.company.code for row in rows if row.kind is AdjustmentKind.OVERDUE_COMMITMENT
        ),
        overdue_estates=frozenset(
            row.estate.code for row in rows if row.estate and (row.company_id, row.estate_id) in served
        ),
    )


def _as_points(row: Adjustment) -> scoring.Adjustment:
    return scoring.Adjustment(
        company=row.company.code,
        points=row.points,
        kind=scoring.AdjustmentKind(row.kind.value),
        severity=row.severity,
        source=f"{row.source} {row.case_number}",
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )
