"""Compares what phones saw with what the database holds, after whatever fault: the one judge of all of them.

Each phone keeps a file of its own, a line for each household that saw its receipt. Afterwards every one of them must
be counted, in its own estate and once; and an estate's evaluations, marks of participation and turnout must agree.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from rating.evaluations.models import Evaluation, Participation, TurnoutDay
from rating.evaluations.tickets import read_receipt
from rating.extensions import db
from rating.scoring import Direction

Receipts = Counter[tuple[int, bytes]]


def note(file: Path, rated_estate_id: int, number: str) -> None:
    """A phone writes down the receipt it has just seen."""
    with file.open("a", encoding="ascii") as lines:
        lines.write(f"{rated_estate_id} {number}\n")


@dataclass(frozen=True, slots=True)
class Findings:
    """What the checker counted, and in words whatever is wrong. `unseen` were counted, but no phone saw a receipt."""

    seen: int
    counted: int
    unseen: int
    wrong: list[str]


def check(app: Flask, files: Iterable[Path]) -> Findings:
    """Compare the phones' files with the application's database."""
    seen = _seen(files)
    with app.app_context():
        db.session.rollback()
        counted, marks, turnout = _counted(), _marks(), _turnout()
        db.session.rollback()
    evaluations = Counter(estate for estate, _hash in counted.elements())
    wrong = [
        *(f"a receipt of estate {estate} was seen, its evaluation is gone" for estate, _hash in seen - counted),
        *(f"estate {estate}: {n} households saw the same receipt" for (estate, _hash), n in seen.items() if n > 1),
        *(f"estate {estate}: a receipt is counted {n} times" for (estate, _hash), n in counted.items() if n > 1),
        *(
            f"estate {estate}: {evaluations[estate]} evaluations, {marks[estate]} marks, {turnout[estate]} in turnout"
            for estate in sorted({*evaluations, *marks, *turnout})
            if not evaluations[estate] == marks[estate] == turnout[estate]
        ),
    ]
    return Findings(seen.total(), counted.total(), (counted - seen).total(), wrong)


def _seen(files: Iterable[Path]) -> Receipts:
    seen: Receipts = Counter()
    for file in files:
        for line in file.read_text(encoding="ascii").splitlines():
            estate, number = line.split()
            receipt = read_receipt(number)
            assert receipt is not None, f"{number} is no receipt"
            seen[int(estate), hashlib.sha256(receipt).digest()] += 1
    return seen


def _counted() -> Receipts:
    rows = db.session.execute(
        select(Evaluation.rated_estate_id, Evaluation.receipt_hash).where(
            Evaluation.direction == Direction.RESIDENT_TO_COMPANY
        )
    )
    return Counter((row[0], bytes(row[1])) for row in rows)


def _marks() -> Counter[int]:
    rows = db.session.execute(select(Participation.rated_estate_id, Participation.answered))
    return Counter({row[0]: row[1].count("1") for row in rows})


def _turnout() -> Counter[int]:
    by_estate = select(TurnoutDay.rated_estate_id, func.sum(TurnoutDay.count)).group_by(TurnoutDay.rated_estate_id)
    return Counter({row[0]: int(row[1]) for row in db.session.execute(by_estate)})
