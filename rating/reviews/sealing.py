"""Sealing: when a round closes, each resident's evaluation gets a 校验值 that binds it to what it says.

    校验值 = SHA-256(0x00 ‖ nonce ‖ canonical answers)

docs/method.md says how anybody can recompute it. The values of what was counted are published with the release; the
nonces stay in the house, so that nobody can try answers until one fits.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select

from rating.errors import Conflict
from rating.evaluations.models import Evaluation
from rating.extensions import db
from rating.registry.models import Estate
from rating.reviews.models import SealedValue
from rating.rounds.models import RatedEstate, Round
from rating.rulebooks.content import Questionnaire
from rating.scoring import Direction, canonical_json
from rating.wording import _l

NONCE_BYTES = 32
SEALED_AT_ONCE = 5_000  # rows in memory at a time, whatever a round's size


def canonical_answers(questionnaire: Questionnaire, marks: str, estate_code: str, round_number: int) -> bytes:
    """What an evaluation says as canonical JSON: its answers by indicator, direction, estate and round.

    `marks` is the stored text. An answer is a whole mark, or the key of one that carries none ('unknown'). Raises
    ValueError for marks that don't fit the questionnaire.
    """
    return canonical_json({
        "answers": _answers(questionnaire, marks),
        "direction": questionnaire.direction,
        "estate": estate_code,
        "round": round_number,
    })  # fmt: skip


def _answers(questionnaire: Questionnaire, marks: str) -> Mapping[str, int | str]:
    no_marks = {no_mark.sign: no_mark.key for no_mark in questionnaire.no_marks}
    given: list[int | str] = [int(sign) if sign.isdigit() else no_marks.get(sign, "") for sign in marks]
    if len(given) != len(questionnaire.indicators) or "" in given:
        raise ValueError("stored marks don't fit the questionnaire")
    return dict(zip((indicator.key for indicator in questionnaire.indicators), given, strict=True))


class AnswersWriter:
    """Writes canonical answers of one questionnaire and round in a tenth of canonical_answers' time: same bytes."""

    def __init__(self, questionnaire: Questionnaire, round_number: int) -> None:
        signs = {str(mark): str(mark) for mark in range(10)}
        signs |= {no_mark.sign: json.dumps(no_mark.key) for no_mark in questionnaire.no_marks}
        places = sorted((indicator.key, place) for place, indicator in enumerate(questionnaire.indicators))
        self.pieces = [
            (place, {sign: f"{json.dumps(key, ensure_ascii=False)}:{answer}" for sign, answer in signs.items()})
            for key, place in places
        ]
        self.direction, self.round_number = questionnaire.direction.value, round_number
        self.ends: dict[str, str] = {}

    def write(self, marks: str, estate_code: str) -> bytes:
        """What canonical_answers gives; raises ValueError for marks that don't fit the questionnaire."""
        if len(marks) != len(self.pieces):
            raise ValueError("stored marks don't fit the questionnaire")
        try:
            answers = ",".join([written[marks[place]] for place, written in self.pieces])
        except KeyError as error:
            raise ValueError("stored marks don't fit the questionnaire") from error
        return f'{{"answers":{{{answers}}}{self._end(estate_code)}'.encode()

    def _end(self, estate_code: str) -> str:
        if (end := self.ends.get(estate_code)) is None:
            estate = json.dumps(estate_code, ensure_ascii=False)
            end = f',"direction":"{self.direction}","estate":{estate},"round":{self.round_number}}}'
            self.ends[estate_code] = end
        return end


def check_value(nonce: bytes, answers: bytes) -> bytes:
    """校验值: SHA-256(0x00 ‖ nonce ‖ canonical answers), 32 bytes; the 0x00 marks a leaf as in RFC 6962."""
    return hashlib.sha256(b"\x00" + nonce + answers).digest()


def seal_round(round_: Round) -> int:
    """Seal all residents' evaluations of a round that has just been closed; returns how many.

    Rows are read and written in the order of their random keys, a few thousand at a time. Raises Conflict for stored
    marks that fit no questionnaire.
    """
    questionnaire = round_.rulebook.content.questionnaires.get(Direction.RESIDENT_TO_COMPANY)
    if questionnaire is None:
        return 0
    writer, sealed = AnswersWriter(questionnaire, round_.number), 0
    for rows in _list_unsealed(round_):
        db.session.connection().execute(insert(SealedValue), list(_seal(rows, writer)))
        sealed += len(rows)
    return sealed


def _list_unsealed(round_: Round) -> Iterator[Any]:
    statement = (
        select(Evaluation.id, Evaluation.marks, Estate.code)
        .join(RatedEstate, RatedEstate.id == Evaluation.rated_estate_id)
        .join(Estate, Estate.id == RatedEstate.estate_id)
        .where(RatedEstate.round_id == round_.id, Evaluation.direction == Direction.RESIDENT_TO_COMPANY)
        .order_by(Evaluation.id)
    )
    return db.session.execute(statement, execution_options={"yield_per": SEALED_AT_ONCE}).partitions()


def _seal(rows: Iterable[Row[UUID, str, str]], writer: AnswersWriter) -> Iterator[dict[str, Any]]:
    for evaluation_id, marks, estate_code in rows:
        nonce = secrets.token_bytes(NONCE_BYTES)
        try:
            answers = writer.write(marks, estate_code)
        except ValueError as error:
            raise Conflict(
                _l("Evaluations of estate %(code)s have marks that nobody can have chosen.", code=estate_code)
            ) from error
        yield {"evaluation_id": evaluation_id, "nonce": nonce, "value": check_value(nonce, answers)}
