"""Files that were handed in stay for as long as anything refers to them, and a month for who is not done yet."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from rating.access import SYSTEM
from rating.audit.files import KEPT_UNUSED, forget_unused_files, keep_file
from rating.audit.models import Event, StoredFile
from rating.extensions import db
from tests.factories import DeductionFactory, EvidenceFactory, StoredFileFactory
from tests.support.clock import START

LONG_AGO = START.date() - KEPT_UNUSED - timedelta(days=1)


def test_a_file_that_nothing_refers_to_goes_after_a_month_and_it_is_recorded(app: Flask) -> None:
    StoredFileFactory(kept_on=LONG_AGO)
    young = StoredFileFactory(kept_on=LONG_AGO + timedelta(days=1))
    assert forget_unused_files(SYSTEM, START) == 1
    assert db.session.scalars(select(StoredFile.digest)).all() == [young.digest]
    assert [(event.kind, event.data) for event in db.session.scalars(select(Event))] == [
        ("files.forgotten", {"count": 1})
    ]


def test_a_file_that_is_handed_in_again_begins_its_month_anew(app: Flask) -> None:
    """Else a sheet that is corrected today could lose the picture that came with it."""
    old = StoredFileFactory(kept_on=LONG_AGO)
    assert keep_file(old.content, START.date()) is old
    assert forget_unused_files(SYSTEM, START) == 0
    assert db.session.scalars(select(StoredFile.kept_on)).all() == [START.date()]


def test_evidence_of_a_record_and_a_reason_s_picture_stay_for_good(app: Flask) -> None:
    evidence = EvidenceFactory(file=StoredFileFactory(kept_on=LONG_AGO))
    deduction = DeductionFactory(file_digest=StoredFileFactory(kept_on=LONG_AGO).digest)
    assert forget_unused_files(SYSTEM, START) == 0
    kept = set(db.session.scalars(select(StoredFile.digest)))
    assert kept == {evidence.file_digest, deduction.file_digest}
    assert db.session.scalars(select(Event)).all() == []
