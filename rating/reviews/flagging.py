"""Setting evaluations aside: looked for once, when a round is closed, so that no answer of an open round is read.

The database counts; only what stands out comes out of it, as counts.
"""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, insert, literal, select
from sqlalchemy.orm import InstrumentedAttribute

from rating.access import Actor
from rating.audit.service import record
from rating.evaluations.models import Evaluation, Trace
from rating.extensions import db
from rating.reviews.models import Flag, FlagKind
from rating.reviews.patterns import LEAST_ALIKE, LEAST_COMMENT, LEAST_SAME_COMMENT, Alike, is_too_alike
from rating.reviews.queries import count_flags
from rating.rounds.models import RatedEstate, Round
from rating.scoring import Direction


@dataclass(frozen=True, slots=True)
class _Pattern:
    """What the evaluations of one group have in common; `mark` tells groups apart and says nothing else."""

    rated_estate_id: int
    mark: bytes
    members: Select[uuid.UUID]


def flag_evaluations(round_: Round, actor: Actor, now: datetime) -> None:
    """Flag what stands out among a round's residents' evaluations; the event says how many of each kind."""
    _flag(FlagKind.SAME_ANSWERS, _list_same_answers(round_))
    _flag(FlagKind.SAME_COMMENT, _list_same_comments(round_))
    counts = {kind.value: count for kind, count in count_flags(round_).items()}
    record(actor, "evaluations.flagged", f"round:{round_.number}", now, counts=counts)


def _flag(kind: FlagKind, patterns: Iterable[_Pattern]) -> None:
    """Flag the members of each pattern under a number of its own in its estate."""
    clusters: Counter[int] = Counter()
    for pattern in sorted(patterns, key=lambda one: (one.rated_estate_id, one.mark)):
        clusters[pattern.rated_estate_id] += 1
        group = literal(kind, Flag.__table__.c.kind.type), literal(clusters[pattern.rated_estate_id])
        names = ["evaluation_id", "kind", "cluster"]
        db.session.execute(insert(Flag).from_select(names, pattern.members.add_columns(*group)))


def _of_round(round_: Round) -> tuple[ColumnElement[bool], ...]:
    estates = select(RatedEstate.id).where(RatedEstate.round_id == round_.id)
    return Evaluation.direction == Direction.RESIDENT_TO_COMPANY, Evaluation.rated_estate_id.in_(estates)


def _mark(*parts: bytes) -> bytes:
    """An order for groups that follows neither their answers nor when they came."""
    return hashlib.sha256(b"\0".join(parts)).digest()


# ---- the same answers from the same network


def _list_same_answers(round_: Round) -> Iterator[_Pattern]:
    found = _groups(round_, (Evaluation.rated_estate_id, Trace.network, Evaluation.marks), traced=True)
    if not found:
        return
    counts = _Counts(round_)
    for (rated_estate_id, network, marks), here in found.items():
        if is_too_alike(counts.around(rated_estate_id, network, marks, here)):
            members = (
                select(Evaluation.id)
                .join(Trace, Trace.evaluation_id == Evaluation.id)
                .where(
                    Evaluation.direction == Direction.RESIDENT_TO_COMPANY,
                    Evaluation.rated_estate_id == rated_estate_id,
                    Evaluation.marks == marks,
                    Trace.network == network,
                )
            )
            yield _Pattern(rated_estate_id, _mark(network, marks.encode()), members)


class _Counts:
    """How many evaluations a round has by network, by estate, by answer; of answers only those given five times."""

    def __init__(self, round_: Round) -> None:
        self._networks = _groups(round_, (Evaluation.rated_estate_id, Trace.network), traced=True)
        self._estates = _groups(round_, (Evaluation.rated_estate_id,))
        self._answers = _groups(round_, (Evaluation.rated_estate_id, Evaluation.marks))
        self._everywhere = _groups(round_, (Evaluation.marks,))
        self._city = sum(self._estates.values())

    def around(self, rated_estate_id: int, network: bytes, marks: str, here: int) -> Alike:
        in_network = self._networks[rated_estate_id, network]
        of_estate, alike = self._estates[rated_estate_id,], self._answers[rated_estate_id, marks]
        return Alike(
            here=here,
            in_network=in_network,
            beside=alike - here,
            in_estate=of_estate - in_network,
            elsewhere=self._everywhere[marks,] - alike,
            in_city=self._city - of_estate,
        )


def _groups(
    round_: Round, columns: tuple[InstrumentedAttribute[Any], ...], *, traced: bool = False
) -> dict[tuple[Any, ...], int]:
    """How many evaluations agree in these columns, where five or more do."""
    statement = select(*columns, func.count()).where(*_of_round(round_)).group_by(*columns)
    if traced:
        statement = statement.join(Trace, Trace.evaluation_id == Evaluation.id)
    rows = db.session.execute(statement.having(func.count() >= LEAST_ALIKE))
    return {tuple(row[:-1]): row[-1] for row in rows}


# ---- the same comment


def _list_same_comments(round_: Round) -> Iterator[_Pattern]:
    columns = Evaluation.rated_estate_id, Evaluation.comment
    rows = db.session.execute(
        select(*columns)
        .where(*_of_round(round_), func.length(Evaluation.comment) >= LEAST_COMMENT)
        .group_by(*columns)
        .having(func.count() >= LEAST_SAME_COMMENT)
    )
    for rated_estate_id, comment in rows:
        members = select(Evaluation.id).where(
            Evaluation.direction == Direction.RESIDENT_TO_COMPANY,
            Evaluation.rated_estate_id == rated_estate_id,
            Evaluation.comment == comment,
        )
        yield _Pattern(rated_estate_id, _mark((comment or "").encode()), members)
