"""Reading the receipt lists of releases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import contains_eager

from rating.errors import NotFound
from rating.extensions import db
from rating.registry.models import Company, Estate
from rating.releases.models import ListedReceipt, ReceiptList, Release
from rating.rounds.models import RatedEstate
from rating.storage.searching import containing_words
from rating.wording import _l

READ_AT_ONCE = 5_000
LONGEST_START = 2  # hex digits: enough for paging, too few to tell which line somebody asks for
HASH_DIGITS = 64


def receipt_lists_of(release: Release, text: str = "") -> Select[ReceiptList]:
    """A SELECT of a release's lists with their companies and estates, by number; all, or those named by words."""
    statement = (
        select(ReceiptList)
        .outerjoin(ReceiptList.company)
        .outerjoin(ReceiptList.estate)
        .where(ReceiptList.release_id == release.id)
        .options(contains_eager(ReceiptList.company), contains_eager(ReceiptList.estate))
        .order_by(ReceiptList.number)
    )
    return statement.where(*containing_words(text, Company.name, Company.code, Estate.name, Estate.code))


def has_receipt_lists(release: Release) -> bool:
    """Whether receipt lists were frozen with a release."""
    return db.session.scalar(select(ReceiptList.id).where(ReceiptList.release_id == release.id).limit(1)) is not None


def get_receipt_list(release: Release, number: int) -> ReceiptList:
    """One of a release's lists by its number; raises NotFound."""
    if (found := db.session.scalar(receipt_lists_of(release).where(ReceiptList.number == number))) is None:
        raise NotFound(_l("There is no such receipt list."))
    return found


def receipts_of(receipt_list: ReceiptList, start: str = "") -> Select[ListedReceipt]:
    """A SELECT of a list's entries by hash: all, or those whose hash begins with these hex digits."""
    statement = select(ListedReceipt).where(ListedReceipt.receipt_list_id == receipt_list.id)
    if start:
        first, last = (bytes.fromhex(start.ljust(HASH_DIGITS, filling)) for filling in "0f")
        statement = statement.where(ListedReceipt.receipt_hash.between(first, last))
    return statement.order_by(ListedReceipt.receipt_hash)


def find_listed_receipt(
    release: Release, rated_estate: RatedEstate, receipt_hash: bytes
) -> tuple[ReceiptList, ListedReceipt] | None:
    """Where a receipt of a rated estate is in a release; None where it wasn't counted in it."""
    row = db.session.execute(
        select(ReceiptList, ListedReceipt)
        .join(ListedReceipt, ListedReceipt.receipt_list_id == ReceiptList.id)
        .where(
            ReceiptList.release_id == release.id,
            or_(ReceiptList.company_id == rated_estate.company_id, ReceiptList.company_id.is_(None)),
            ListedReceipt.receipt_hash == receipt_hash,
        )
    ).one_or_none()
    return (row[0], row[1]) if row else None


def walk_receipts(release: Release) -> Iterator[Any]:
    """(list id, receipt's hash, check value) of a whole release by list number and hash, however many there are.

    The query runs when the first row is needed: a streamed page begins after its view has ended.
    """
    statement = (
        select(ListedReceipt.receipt_list_id, ListedReceipt.receipt_hash, ListedReceipt.check_value)
        .join(ReceiptList, ReceiptList.id == ListedReceipt.receipt_list_id)
        .where(ReceiptList.release_id == release.id)
        .order_by(ReceiptList.number, ListedReceipt.receipt_hash)
    )
    return _walk(statement)


def _walk(statement: Select[int, bytes, bytes]) -> Iterator[Any]:
    yield from db.session.execute(statement, execution_options={"yield_per": READ_AT_ONCE})
