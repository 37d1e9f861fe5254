"""Freezing with a release which receipts were counted, so that whoever holds one can look it up for ever."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, insert, select
from sqlalchemy.orm import aliased

from rating.errors import Conflict
from rating.evaluations.models import Evaluation
from rating.extensions import db
from rating.registry.models import Company, Estate
from rating.releases.models import Release
from rating.releases.receipt_models import ListedReceipt, ReceiptList
from rating.results.queries import find_mark_counts
from rating.reviews.queries import uncounted_ids
from rating.reviews.seal_models import SealedValue
from rating.rounds.models import RatedEstate
from rating.scoring import Direction
from rating.wording import _l

RESIDENTS = Direction.RESIDENT_TO_COMPANY


def freeze_receipt_lists(release: Release) -> int:
    """Write the lists of a release that is being published; returns how many evaluations stand in them.

    One list for each estate that the folded tallies show, one for the folded estates of each company (no page may
    tell how many answered in one of those), or a single one for a trial round, which tells of no company. Raises
    Conflict where they don't add up to what the release says was counted: something was decided after the scorecard
    was computed, or came in without the seal that every evaluation gets at the close.
    """
    if RESIDENTS not in release.round.rulebook.content.questionnaires:
        return 0
    lists = _plan_lists(release)
    db.session.add_all(lists)
    db.session.flush()
    listed = _fill_lists(release)
    if not listed == sum(one.count for one in lists) == release.counted:
        raise Conflict(
            _l(
                "%(counted)s evaluations are counted in the scorecard, but %(listed)s are sealed and accepted now. "
                "Take the preview back and compute the scorecard again.",
                counted=release.counted,
                listed=listed,
            )
        )
    return listed


def _counted(release: Release) -> list[ColumnElement[bool]]:
    return [
        RatedEstate.round_id == release.round_id,
        Evaluation.direction == RESIDENTS,
        Evaluation.id.not_in(uncounted_ids()),
    ]


def _plan_lists(release: Release) -> list[ReceiptList]:
    """The lists with how many each must hold, by company and estate code, a company's folded estates last."""
    rows = db.session.execute(
        select(RatedEstate.company_id, RatedEstate.estate_id, Estate.code, func.count())
        .join(Evaluation, Evaluation.rated_estate_id == RatedEstate.id)
        .join(Estate, Estate.id == RatedEstate.estate_id)
        .join(Company, Company.id == RatedEstate.company_id)
        .where(*_counted(release))
        .group_by(RatedEstate.company_id, RatedEstate.estate_id, Company.code, Estate.code)
        .order_by(Company.code, Estate.code)
    )
    counts: dict[tuple[int | None, int | None], int] = {}
    companies: dict[int | None, int] = {}
    for company_id, estate_id, code, count in rows:
        shown = find_mark_counts(release.scorecard, code) is not None
        key = (None, None) if release.is_trial else (company_id, estate_id if shown else None)
        counts[key] = counts.get(key, 0) + count
        companies.setdefault(key[0], len(companies))
    # The sort is stable: companies and estates stay as they came.
    ordered = sorted(counts, key=lambda key: (companies[key[0]], key[1] is None))
    return [
        ReceiptList(release_id=release.id, number=number, company_id=key[0], estate_id=key[1], count=counts[key])
        for number, key in enumerate(ordered, start=1)
    ]


def _fill_lists(release: Release) -> int:
    """Copy hashes and values within the database, by list and hash: no order of arrival comes along."""
    own, rest = aliased(ReceiptList), aliased(ReceiptList)
    company = rest.company_id.is_(None) if release.is_trial else rest.company_id == RatedEstate.company_id
    list_id = func.coalesce(own.id, rest.id)
    counted = (
        select(list_id, Evaluation.receipt_hash, SealedValue.value)
        .select_from(Evaluation)
        .join(SealedValue, SealedValue.evaluation_id == Evaluation.id)
        .join(RatedEstate, RatedEstate.id == Evaluation.rated_estate_id)
        .outerjoin(own, (own.release_id == release.id) & (own.estate_id == RatedEstate.estate_id))
        .outerjoin(rest, (rest.release_id == release.id) & rest.estate_id.is_(None) & company)
        .where(*_counted(release))
        .order_by(list_id, Evaluation.receipt_hash)
    )
    columns = ["receipt_list_id", "receipt_hash", "check_value"]
    copying = insert(ListedReceipt).from_select(columns, counted)
    with db.session.connection().execute(copying, execution_options={"preserve_rowcount": True}) as copied:
        return copied.rowcount
