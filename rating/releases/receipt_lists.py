"""Freezing with a release which receipts were counted, so that whoever has one can look it up for ever."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, insert, select

from rating.errors import Conflict
from rating.evaluations.models import Evaluation
from rating.extensions import db
from rating.registry.models import Company, Estate
from rating.releases.models import ListedReceipt, ReceiptList, Release
from rating.results.cells import counted_by
from rating.results.models import ScorecardCell
from rating.reviews.models import SealedValue
from rating.rounds.models import RatedEstate
from rating.scoring import Direction
from rating.wording import _l

RESIDENTS = Direction.RESIDENT_TO_COMPANY


def freeze_receipt_lists(release: Release) -> int:
    """Write the lists of a release that is being published; returns how many evaluations are in them.

    One list for each cell of the scorecard (no page may tell how many answered in an estate of a group), one for a
    company that has too few for a cell, or a single one for a trial round, which names no company. They list what the
    scorecard counts. Raises Conflict where they don't add up to what the release says was counted: an evaluation lacks
    the seal that every one gets at the close.
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


def _cell_of(release: Release) -> ColumnElement[bool]:
    return (ScorecardCell.rated_estate_id == RatedEstate.id) & (ScorecardCell.scorecard_id == release.scorecard_id)


def _plan_lists(release: Release) -> list[ReceiptList]:
    """The lists with how many entries each must have, by company and estate code, a company's groups last."""
    rows = db.session.execute(
        select(RatedEstate.company_id, RatedEstate.estate_id, ScorecardCell.group_number, func.count())
        .join(Evaluation, Evaluation.rated_estate_id == RatedEstate.id)
        .join(Estate, Estate.id == RatedEstate.estate_id)
        .join(Company, Company.id == RatedEstate.company_id)
        .outerjoin(ScorecardCell, _cell_of(release))
        .where(*counted_by(release.scorecard))
        .group_by(RatedEstate.company_id, RatedEstate.estate_id, Company.code, Estate.code, ScorecardCell.group_number)
        .order_by(Company.code, Estate.code)
    )
    counts: dict[_Key, int] = {}
    companies: dict[int | None, int] = {}
    for company_id, estate_id, group, count in rows:
        key = (None, None, None) if release.is_trial else _key(company_id, estate_id, group)
        counts[key] = counts.get(key, 0) + count
        companies.setdefault(key[0], len(companies))
    # The sort is stable: companies and estates stay as they came.
    ordered = sorted(counts, key=lambda key: (companies[key[0]], key[1] is None, key[2] or 0))
    return [
        ReceiptList(
            release_id=release.id,
            number=number,
            company_id=key[0],
            estate_id=key[1],
            group_number=key[2],
            count=counts[key],
        )
        for number, key in enumerate(ordered, start=1)
    ]


_Key = tuple[int | None, int | None, int | None]  # company, estate, group


def _key(company_id: int, estate_id: int, group: int | None) -> _Key:
    return (company_id, estate_id, None) if group == 0 else (company_id, None, group)


def _fill_lists(release: Release) -> int:
    """Copy hashes and values within the database, by list and hash, so that no order of arrival is copied."""
    counted = (
        select(ReceiptList.id, Evaluation.receipt_hash, SealedValue.value)
        .select_from(Evaluation)
        .join(SealedValue, SealedValue.evaluation_id == Evaluation.id)
        .join(RatedEstate, RatedEstate.id == Evaluation.rated_estate_id)
        .outerjoin(ScorecardCell, _cell_of(release))
        .join(ReceiptList, (ReceiptList.release_id == release.id) & _stands_in(release))
        .where(*counted_by(release.scorecard))
        .order_by(ReceiptList.id, Evaluation.receipt_hash)
    )
    columns = ["receipt_list_id", "receipt_hash", "check_value"]
    copying = insert(ListedReceipt).from_select(columns, counted)
    with db.session.connection().execute(copying, execution_options={"preserve_rowcount": True}) as copied:
        return copied.rowcount


def _stands_in(release: Release) -> ColumnElement[bool]:
    """Whether an evaluation of a rated estate, with its cell, belongs to a list."""
    if release.is_trial:
        return ReceiptList.company_id.is_(None)
    cell = ScorecardCell.group_number
    alone = (cell == 0) & (ReceiptList.estate_id == RatedEstate.estate_id)
    together = ReceiptList.estate_id.is_(None) & (func.coalesce(cell, 0) == func.coalesce(ReceiptList.group_number, 0))
    return (ReceiptList.company_id == RatedEstate.company_id) & (alone | together)
