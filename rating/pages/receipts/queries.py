"""What whoever has a receipt may know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from rating.calendar import add_working_days
from rating.evaluations.queries import find_receipt_estate
from rating.releases.models import ListedReceipt, ReceiptList, Release
from rating.releases.queries import find_release_of_round
from rating.releases.receipt_queries import find_listed_receipt, has_receipt_lists
from rating.results.cells import is_left_out
from rating.reviews.models import RejectionReason
from rating.reviews.queries import FateState, find_fate
from rating.rounds.models import RatedEstate, Round


class ReceiptState(StrEnum):
    """What has become of an evaluation so far, as its resident is told.

    Not scored: accepted after its company's figures had been shown, which stay so that the difference tells no answer,
    or in a cell that is left out. Missing: nobody set it aside or rejected it, and yet it is in none of the lists.
    """

    RECEIVED = "received"
    COUNTED = "counted"
    UNDER_REVIEW = "under_review"
    REJECTED = "rejected"
    NOT_SCORED = "not_scored"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class ReceiptAnswer:
    """What whoever has a receipt may know; never what was chosen.

    `listed` is where a counted one is in the release's lists.
    """

    state: ReceiptState
    rated_estate: RatedEstate
    results_from: date
    release: Release | None = None
    listed: tuple[ReceiptList, ListedReceipt] | None = None
    reason: RejectionReason | None = None


def find_receipt_answer(receipt_hash: bytes) -> ReceiptAnswer | None:
    """The answer for a receipt by its SHA-256; None for one that is not known."""
    if (rated := find_receipt_estate(receipt_hash)) is None:
        return None
    results_from = earliest_release(rated.round)
    release = find_release_of_round(rated.round)
    if release is None:
        return ReceiptAnswer(ReceiptState.RECEIVED, rated, results_from)
    listed = find_listed_receipt(release, rated, receipt_hash)
    state, reason = (ReceiptState.COUNTED, None) if listed else _state_off_the_lists(release, rated, receipt_hash)
    return ReceiptAnswer(state, rated, results_from, release, listed, reason)


def _state_off_the_lists(
    release: Release, rated: RatedEstate, receipt_hash: bytes
) -> tuple[ReceiptState, RejectionReason | None]:
    """What became of an evaluation that is in none of its release's lists."""
    fate = find_fate(receipt_hash)
    if fate is not None and fate.state is not FateState.COUNTED:
        return ReceiptState(fate.state.value), fate.reason
    if not has_receipt_lists(release):
        return ReceiptState.COUNTED, None
    not_scored = is_left_out(release.scorecard, rated, receipt_hash)
    return ReceiptState.NOT_SCORED if not_scored else ReceiptState.MISSING, None


def earliest_release(round_: Round) -> date:
    """The first day on which a round can be published: the day after its preview, begun the day after its close."""
    windows = round_.rulebook.content.windows
    closed = round_.closes_on + timedelta(days=1)
    return (round_.preview_ends_on or add_working_days(closed, windows.preview_working_days)) + timedelta(days=1)
