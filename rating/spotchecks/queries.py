"""Which rows a spot check opens, and what those recorded found."""

from __future__ import annotations

import heapq
from hashlib import sha256

from sqlalchemy import func, select

from rating.audit.models import Event
from rating.extensions import db
from rating.releases.models import Release
from rating.releases.receipt_queries import walk_receipts
from rating.spotchecks.models import SpotCheck


def draw_receipts(release: Release, seed: str, size: int) -> dict[bytes, bytes]:
    """The sample of a release's receipts that a seed decides: published check values by the receipts' hashes.

    The `size` receipts with the smallest SHA-256(seed ‖ 0x00 ‖ SHA-256(receipt)), in that order: anybody can recompute
    from the public lists which they must be. It needs memory for the sample only.
    """
    front = seed.encode() + b"\x00"
    rows = (
        (sha256(front + row.receipt_hash).digest(), row.receipt_hash, row.check_value) for row in walk_receipts(release)
    )
    return {receipt_hash: value for _, receipt_hash, value in heapq.nsmallest(size, rows)}


def list_spot_checks(release: Release) -> list[SpotCheck]:
    """What the auditor's spot checks of a release found, in the order they were recorded."""
    return list(db.session.scalars(select(SpotCheck).where(SpotCheck.release_id == release.id).order_by(SpotCheck.id)))


def count_draws(release: Release) -> int:
    """How often rows of a release were drawn for a spot check, also where nothing was recorded of it."""
    drawn = (Event.kind == "spot_check.drawn", Event.subject == f"release:{release.number}")
    return db.session.scalar(select(func.count()).select_from(Event).where(*drawn)) or 0


def find_spot_check(release: Release, seed: str) -> SpotCheck | None:
    """The spot check that was recorded under a seed."""
    return db.session.scalar(select(SpotCheck).where(SpotCheck.release_id == release.id, SpotCheck.seed == seed))
