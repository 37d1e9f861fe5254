"""The auditor's spot check: opening a sample of a release's rows, and recording what was found."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer
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
from rating.reviews.models import SealedValue
from rating.reviews.sealing import canonical_answers, check_value
from rating.rounds.models import RatedEstate
from rating.rulebooks.content import Questionnaire
from rating.scoring import Direction, score_evaluation
from rating.spotchecks.models import LARGEST_SAMPLE, LONGEST_NOTE, LONGEST_TYPED, SERVER_PART, SpotCheck
from rating.spotchecks.queries import count_draws, draw_receipts, find_spot_check
from rating.wording import _l

RESIDENTS = Direction.RESIDENT_TO_COMPANY
MOST_DRAWS = 10  # of one release: whoever keeps drawing until the result suits them soon reaches the limit


@dataclass(frozen=True, slots=True)
class OpenedRow:
    """One evaluation as the auditor sees it. `nonce` and `answers` are None where the row is gone or makes no sense."""

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


@dataclass(frozen=True, slots=True)
class Drawn:
    """A draw that was made: its whole seed, and how many rows were asked for."""

    seed: str
    size: int

    def sign(self, release: Release, actor: Actor, secret: str) -> str:
        """The draw as its page carries it, valid for this release and for whoever drew."""
        return str(_notes(secret).dumps([release.id, actor.user_id, self.seed, self.size]))


def read_drawn(token: str, release: Release, actor: Actor, secret: str) -> Drawn:
    """The draw that a page carries; raises Invalid where this actor never made it of this release."""
    try:
        release_id, user_id, seed, size = _notes(secret).loads(token)
    except (BadSignature, ValueError):
        release_id = user_id = None
    if release_id != release.id or user_id is None or user_id != actor.user_id:
        raise Invalid(_l("Only what was drawn here can be recorded. Draw first."), field="seed")
    return Drawn(seed, size)


def _notes(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="spot check")


def server_part() -> str:
    """What the server adds to a seed at the draw, so that nobody can seek a seed that draws a chosen receipt."""
    return secrets.token_hex(SERVER_PART // 2)


def draw_spot_check(
    release: Release, typed: str, size: int, actor: Actor, now: datetime
) -> tuple[Drawn, list[OpenedRow]]:
    """Open the rows that a seed decides: what was typed, a hyphen, and what the server adds.

    That they were opened, and how many matched, is an event; the rows are not. Raises Refused for anybody but the
    auditor, Invalid for a seed or size out of bounds, Conflict where the release has no lists or the limit of draws is
    reached.
    """
    actor.require(Role.AUDITOR)
    if not typed.strip() or len(typed) > LONGEST_TYPED:
        raise Invalid(_l("Type a seed of 1 to %(most)s characters.", most=LONGEST_TYPED), field="seed")
    db.session.scalar(select(Release.id).where(Release.id == release.id).with_for_update())  # one draw at a time
    if count_draws(release) >= MOST_DRAWS:
        raise Conflict(_l("A release is drawn from %(most)s times at most.", most=MOST_DRAWS))
    drawn = Drawn(f"{typed}-{server_part()}", size)
    opened = _open_sample(release, drawn, actor)
    _record_event("drawn", release, drawn.seed, opened, actor, now)
    return drawn, opened


def record_spot_check(release: Release, drawn: Drawn, note: str, actor: Actor, now: datetime) -> SpotCheck:
    """Record what a draw found, recomputed from its seed: nobody types a result in.

    `drawn` is from draw_spot_check or read_drawn. Raises Conflict for a seed that is recorded already, Invalid for a
    note of over 500 characters or a size out of bounds, Refused for anybody but the auditor.
    """
    if len(note) > LONGEST_NOTE:
        raise Invalid(
            _l("The note has %(n)s characters; at most %(most)s fit.", n=len(note), most=LONGEST_NOTE), field="note"
        )
    opened = _open_sample(release, drawn, actor)
    found = SpotCheck(
        release_id=release.id,
        seed=drawn.seed,
        opened=len(opened),
        matching=sum(row.matches for row in opened),
        checked_on=day_of(now),
        checked_by=actor.user_id,
        note=note.strip(),
    )
    if find_spot_check(release, drawn.seed) is not None:
        raise _already_recorded()
    try:
        with db.session.begin_nested():
            db.session.add(found)
    except IntegrityError as error:
        raise _already_recorded() from error
    _record_event("recorded", release, drawn.seed, opened, actor, now)
    return found


def _already_recorded() -> Conflict:
    return Conflict(_l("A spot check with this seed is recorded already."))


def _record_event(what: str, release: Release, seed: str, opened: list[OpenedRow], actor: Actor, now: datetime) -> None:
    matching = sum(row.matches for row in opened)
    subject = f"release:{release.number}"
    record(actor, f"spot_check.{what}", subject, now, seed=seed, opened=len(opened), matching=matching)


def _open_sample(release: Release, drawn: Drawn, actor: Actor) -> list[OpenedRow]:
    actor.require(Role.AUDITOR)
    if actor.user_id is None:
        raise Refused(_l("Your account is not allowed to do this."))
    if not 1 <= drawn.size <= LARGEST_SAMPLE:
        raise Invalid(_l("Between 1 and %(most)s rows can be opened at once.", most=LARGEST_SAMPLE), field="size")
    receipts = draw_receipts(release, drawn.seed, drawn.size)
    if not receipts:
        raise Conflict(_l("This release has no receipt lists."))
    return list(_open(release, receipts))


def _open(release: Release, drawn: Mapping[bytes, bytes]) -> Iterator[OpenedRow]:
    """The drawn rows in the order of the draw, including those that somebody has deleted."""
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
        score = score_evaluation(questionnaire.rule, list(questionnaire.decode(row.marks)))
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
