"""Loading rulebooks."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy.exc import IntegrityError

from rating.access import Actor
from rating.audit.service import record
from rating.errors import Conflict, Invalid
from rating.extensions import db
from rating.rulebooks.models import Rulebook
from rating.rulebooks.queries import find_rulebook
from rating.rulebooks.schemas import parse_document
from rating.wording import _l

DEFAULT = Path(__file__).parent / "default.yaml"


def digest_of(document: dict[str, Any]) -> str:
    """SHA-256 of the document as canonical JSON, hexadecimal."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def load_rulebook(text: str, actor: Actor, now: datetime) -> Rulebook:
    """Load a rulebook from a YAML file's text; loading the same content again changes nothing.

    Raises Invalid with every fault of the file, and Conflict if this version is used by a round and differs.
    """
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise Invalid(_l("This is not a readable YAML file: %(why)s", why=str(error))) from error
    content = parse_document(document)
    digest = digest_of(document)
    known = find_rulebook(content.key, content.version)
    if known is not None and known.digest == digest:
        return known
    if known is not None:
        _remove(known)
    rulebook = Rulebook(key=content.key, version=content.version, digest=digest, document=document, loaded_at=now)
    db.session.add(rulebook)
    db.session.flush()
    record(actor, "rulebook.loaded", f"rulebook:{rulebook.id}", now, digest=digest)
    return rulebook


def _remove(rulebook: Rulebook) -> None:
    """Delete a version that no round uses; the foreign key of rounds refuses the others."""
    try:
        with db.session.begin_nested():
            db.session.delete(rulebook)
    except IntegrityError as error:
        raise Conflict(
            _l(
                "Version %(version)s of rulebook “%(key)s” is used by a round and can't change. "
                "Give the new one another version.",
                version=rulebook.version,
                key=rulebook.key,
            )
        ) from error


def load_default_rulebook(actor: Actor, now: datetime) -> Rulebook:
    """Load the rulebook that comes with the product."""
    return load_rulebook(DEFAULT.read_text(encoding="utf-8"), actor, now)
