"""The auditor's spot check: opening a sample of a release's rows, and recording what was found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from rating.access import Actor, Role
from rating.audit.service import record
from rating.calendar import day_of
from rating.errors import Conflict, Invalid, Refused
from rating.evaluations.models import Evaluation
from rating.extensions import db
from rating.registry.models import Estate
from rating.releases.models import Release
from rating.releases.receipt_models import LARGEST_SAMPLE, LONGEST_NOTE, LONGEST_SEED, SpotCheck
from rating.releases.receipt_queries import draw_receipts, find_spot_check
from rating.reviews.seal_models import SealedValue
from rating.reviews.sealing import canonical_answers, check_value
from rating.rounds.models import RatedEstate
from rating.rulebooks.content import Questionnaire, rule_of
from rating.scoring import Direction, score_evaluation
from rating.wording import _l

RESIDENTS = Direction.RESIDENT_TO_COMPANY


@dataclass(frozen=True, slots=True)
class OpenedRow:
    """One evaluation as the auditor sees it. `nonce` and `answers` are None where the row, or sense in it, is gone."""

    receipt_hash: bytes
    published_value: bytes
    nonce: bytes | None = field(repr=False)
    answers: bytes | None = field(repr=False)
    score: int | None = field(repr=False)
    value_matches: bool
    score_matches: bool

    @property
    def matches(self) -> bool:
        """Whether the row says what it said at the close, and its score follows from that."""
        return self.value_matches and self.score_matches


def draw_spot_check(release: Release, seed: str, size: int, actor: Actor, now: datetime) -> list[OpenedRow]:
    """Open the rows that a seed decides; that they were opened, and how many matched, is an event, the rows are not.

    Raises Refused for anybody but the auditor, Invalid for a seed or size out of bounds, Conflict where the release
    has no lists.
    """
    opened = _open_sample(release, seed, size, actor)
    _record_event("drawn", release, seed, opened, actor, now)
    return opened


def record_spot_check(release: Release, seed: str, size: int, note: str, actor: Actor, now: datetime) -> SpotCheck:
    """Record what a spot check found, worked out anew from its seed: nobody types a result in.

    Raises Conflict for a seed that is recorded already, Invalid for a note of over 500 characters, and what
    draw_spot_check raises.
    """
    if len(note) > LONGEST_NOTE:
        raise Invalid(
            _l("The note has %(n)s characters; at most %(most)s fit.", n=len(note), most=LONGEST_NOTE), field="note"
        )
    opened = _open_sample(release, seed, size, actor)
    found = SpotCheck(
        release_id=release.id,
        seed=seed,
        opened=len(opened),
        matching=sum(row.matches for row in opened),
        checked_on=day_of(now),
        checked_by=actor.user_id,
        note=note.strip(),
    )
    if find_spot_check(release, seed) is not None:
        raise _already_recorded()
    try:
        with db.session.begin_nested():
            db.session.add(found)
    except IntegrityError as error:
        raise _already_recorded() from error
    _record_event("recorded", release, seed, opened, actor, now)
    return found


def _already_recorded() -> Conflict:
    return Conflict(_l("A spot check with this seed is recorded already."))


def _record_event(what: str, release: Release, seed: str, opened: list[OpenedRow], actor: Actor, now: datetime) -> None:
    matching = sum(row.matches for row in opened)
    subject = f"release:{release.number}"
    record(actor, f"spot_check.{what}", subject, now, seed=seed, opened=len(opened), matching=matching)


def _open_sample(release: Release, seed: str, size: int, actor: Actor) -> list[OpenedRow]:
    actor.require(Role.AUDITOR)
    if actor.user_id is None:
        raise Refused(_l("Your account is not allowed to do this."))
    if not seed.strip() or len(seed) > LONGEST_SEED:
        raise Invalid(_l("Type a seed of 1 to %(most)s characters.", most=LONGEST_SEED), field="seed")
    if not 1 <= size <= LARGEST_SAMPLE:
        raise Invalid(_l("Between 1 and %(most)s rows can be opened at once.", most=LARGEST_SAMPLE), field="size")
    drawn = draw_receipts(release, seed, size)
    if not drawn:
        raise Conflict(_l("This release has no receipt lists."))
    return list(_open(release, drawn))


def _open(release: Release, drawn: Mapping[bytes, bytes]) -> Iterator[OpenedRow]:
    """The drawn rows in the order of the draw, also those that somebody has taken away."""
    rows = db.session.execute(
        select(Evaluation.receipt_hash, Evaluation.marks, Evaluation.score, Estate.code, SealedValue.nonce)
        .join(RatedEstate, RatedEstate.id == Evaluation.rated_estate_id)
        .join(Estate, Estate.id == RatedEstate.estate_id)
        .join(SealedValue, SealedValue.evaluation_id == Evaluation.id)
        .where(RatedEstate.round_id == release.round_id, Evaluation.receipt_hash.in_(drawn))
    )
    found = {row.receipt_hash: row for row in rows}
    questionnaire = release.round.rulebook.content.questionnaire(RESIDENTS)
    for receipt_hash, published in drawn.items():
        row = found.get(receipt_hash)
        if row is None:
            yield OpenedRow(receipt_hash, published, None, None, None, value_matches=False, score_matches=False)
        else:
            yield _open_row(row, published, questionnaire, release.round.number)


def _open_row(row: Any, published: bytes, questionnaire: Questionnaire, round_number: int) -> OpenedRow:
    try:
        answers = canonical_answers(questionnaire, row.marks, row.code, round_number)
        score = score_evaluation(rule_of(questionnaire), list(questionnaire.decode(row.marks)))
    except ValueError:  # marks that no form can have given
        answers, score = None, None
    return OpenedRow(
        row.receipt_hash,
        published,
        row.nonce,
        answers,
        row.score,
        value_matches=answers is not None and check_value(row.nonce, answers) == published,
        score_matches=score == row.score,
    )
