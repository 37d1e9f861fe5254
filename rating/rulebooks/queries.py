"""Reading rulebooks."""

from __future__ import annotations

from sqlalchemy import select

from rating.errors import NotFound
from rating.extensions import db
from rating.rulebooks.content import RulebookContent
from rating.rulebooks.models import Rulebook
from rating.wording import _l


def find_rulebook(key: str, version: int) -> Rulebook | None:
    """One version of a rulebook, if it was loaded."""
    return db.session.scalar(select(Rulebook).where(Rulebook.key == key, Rulebook.version == version))


def get_version(key: str, version: int) -> Rulebook:
    """One version of a rulebook; raises NotFound."""
    if (rulebook := find_rulebook(key, version)) is None:
        raise NotFound(_l("There is no such rulebook."))
    return rulebook


def get_rulebook(rulebook_id: int) -> Rulebook:
    """A rulebook by its id; raises NotFound."""
    if (rulebook := db.session.get(Rulebook, rulebook_id)) is None:
        raise NotFound(_l("There is no such rulebook."))
    return rulebook


def get_content(rulebook_id: int, digest: str) -> RulebookContent:
    """What a rulebook says; a process reads it from the database once."""
    return Rulebook.find_content(digest) or get_rulebook(rulebook_id).content


def list_rulebooks() -> list[Rulebook]:
    """All versions, by key, newest first."""
    return list(db.session.scalars(select(Rulebook).order_by(Rulebook.key, Rulebook.version.desc())))
