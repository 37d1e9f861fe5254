"""A database for the real server: migrated, with an open round, estates, and each household's code in clear."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import text

from rating.access import SYSTEM
from rating.config import utc_now
from rating.extensions import db
from rating.rounds.models import RatedEstate
from rating.rounds.service import issue_codes
from rating.storage.engines import close_connections
from rating.web.request import code_key, today
from tests.factories import RatedEstateFactory, RoundFactory
from tests.support.clock import Clock
from tests.support.databases import make_app, migrate
from tests.support.gunicorn import KEY


@dataclass(frozen=True, slots=True)
class Household:
    """One household of a rated estate, with the code in its letter."""

    estate: str
    rated_estate_id: int
    code: str = field(repr=False)


class Town:
    """A town on a database of its own, whose clock is the real one, since the server's is."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.app: Flask = make_app(url, folder, Clock(), CLOCK=utc_now, SECRET_KEY=KEY)
        migrate(self.app)
        with self.app.app_context():
            RoundFactory(open=True, opens_on=today() - timedelta(days=1), closes_on=today() + timedelta(days=19))
            db.session.commit()

    def settle(self, households: int) -> list[Household]:
        """A new estate in the open round, and its households."""
        with self.app.app_context():
            rated = RatedEstateFactory(households=households)
            db.session.flush()
            return self._issue(rated)

    def reissue(self, rated_estate_id: int) -> list[Household]:
        """New codes for all households of an estate; the old ones stop working."""
        with self.app.app_context():
            return self._issue(db.session.get_one(RatedEstate, rated_estate_id))

    def _issue(self, rated: RatedEstate) -> list[Household]:
        codes = issue_codes(rated, code_key(), SYSTEM, utc_now())
        issued = [Household(rated.estate.code, rated.id, code) for code in codes]
        db.session.commit()
        return issued

    def take_out_once(self) -> None:
        """Drop the trigger that lets no household be marked twice; for a negative control."""
        with self.app.app_context():
            on_table = " ON participation" if db.engine.dialect.name == "postgresql" else ""
            db.session.execute(text(f"DROP TRIGGER participation_marks_once{on_table}"))
            db.session.commit()

    def close(self) -> None:
        """Give back all connections."""
        with self.app.app_context():
            close_connections()
