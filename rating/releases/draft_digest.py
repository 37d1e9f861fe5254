"""What a signature signs: SHA-256 of all that the release of a draft will say."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from datetime import UTC
from typing import Any

from sqlalchemy import select

from rating.evaluations.models import Evaluation
from rating.extensions import db
from rating.registry.models import Estate
from rating.releases.listings import count_places, tell_totals
from rating.releases.models import ReleaseDraft
from rating.results.cells import counted_by
from rating.results.models import StoredScorecard
from rating.results.queries import list_company_results, read_scorecard
from rating.results.schemas import company_fields
from rating.reviews.models import SealedValue
from rating.rounds.models import RatedEstate
from rating.scoring.canonical import canonical_json

AT_ONCE = 10_000  # rows in memory together


def digest_draft(draft: ReleaseDraft) -> str:
    """SHA-256, hexadecimal, of what a draft's release will say, computed from the rows as they are now.

    The canonical JSON of the round, the note, drafter and moment, SHA-256 of the files (rulebook, scorecard, tallies,
    records), the totals, every listing with the company's name, and SHA-256 of all counted receipts with their check
    values. Only number and days of the release come with the signature.
    """
    return hashlib.sha256(canonical_json(_document(draft))).hexdigest()


def _document(draft: ReleaseDraft) -> dict[str, Any]:
    scorecard = draft.scorecard
    round_ = scorecard.round
    return {
        "round": {"number": round_.number, "zh": round_.title_zh, "en": round_.title_en, "trial": round_.trial},
        "note": draft.note,
        "drafted_by": draft.drafted_by,
        "drafted_at": draft.drafted_at.astimezone(UTC).isoformat(),
        "files": {
            "rulebook": round_.rulebook.digest,
            "scorecard": _sha256(scorecard.content),
            "tallies": _sha256(scorecard.tallies),
            "records": _sha256(scorecard.records),
        },
        "totals": asdict(tell_totals(read_scorecard(scorecard).city)),
        "listings": [] if round_.trial else _listings(scorecard),
        "receipts": _digest_receipts(scorecard),
    }


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _listings(scorecard: StoredScorecard) -> list[dict[str, Any]]:
    results = list_company_results(scorecard)
    places = count_places([result.card for result in results])
    return [
        {"name": result.company.name, "place": places.get(result.company.code), "card": company_fields(result.card)}
        for result in results
    ]


def _digest_receipts(scorecard: StoredScorecard) -> str:
    """SHA-256 over each receipt that the scorecard counts, and its check value, by estate's code and hash."""
    rows = db.session.execute(
        select(Estate.code, Evaluation.receipt_hash, SealedValue.value)
        .select_from(Evaluation)
        .join(RatedEstate, RatedEstate.id == Evaluation.rated_estate_id)
        .join(Estate, Estate.id == RatedEstate.estate_id)
        .outerjoin(SealedValue, SealedValue.evaluation_id == Evaluation.id)
        .where(*counted_by(scorecard))
        .order_by(Estate.code, Evaluation.receipt_hash)
        .execution_options(yield_per=AT_ONCE)
    )
    whole = hashlib.sha256()
    for code, receipt_hash, value in rows:
        for part in (code.encode(), receipt_hash or b"", value or b""):
            whole.update(len(part).to_bytes(4) + part)
    return whole.hexdigest()
