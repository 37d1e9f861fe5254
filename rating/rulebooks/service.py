"""Loading, writing and deleting rulebooks."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy.exc import IntegrityError

from rating.access import Actor, Role
from rating.audit.service import record
from rating.errors import Conflict, Invalid
from rating.extensions import db
from rating.rulebooks.content import RulebookContent
from rating.rulebooks.faults import BadRulebook
from rating.rulebooks.models import Rulebook
from rating.rulebooks.queries import find_rulebook
from rating.rulebooks.reading import line_of, read_yaml
from rating.rulebooks.schemas import parse_document
from rating.wording import _l

DEFAULT = Path(__file__).parent / "default.yaml"


def digest_of(document: dict[str, Any]) -> str:
    """SHA-256 of the document as canonical JSON, hexadecimal."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def load_rulebook(text: str, actor: Actor, now: datetime) -> Rulebook:
    """Load a rulebook from a YAML file's text; loading the same content again changes nothing.

    Raises Invalid (BadRulebook with every fault of the file), and Conflict if this version is used by a round and
    differs.
    """
    actor.require(Role.BUREAU)
    document, content = read_document(text)
    digest = digest_of(document)
    known = find_rulebook(content.key, content.version)
    if known is not None and known.digest == digest:
        return known
    replaced = {"replaced": known.digest} if known is not None else {}
    if known is not None:
        _remove(known)
    rulebook = Rulebook(key=content.key, version=content.version, digest=digest, document=document, loaded_at=now)
    db.session.add(rulebook)
    db.session.flush()
    record(actor, "rulebook.loaded", _subject(rulebook), now, name=_name(rulebook), digest=digest, **replaced)
    return rulebook


def read_document(text: str) -> tuple[dict[str, Any], RulebookContent]:
    """A file's text as the document that is stored, and its content; raises as `load_rulebook`."""
    document, node = read_yaml(text)
    try:
        content = parse_document(document)
        digest_of(document)
    except BadRulebook as error:
        found = [replace(fault, line=line_of(node, fault.place)) for fault in error.faults]
        raise BadRulebook(found, error.count) from error
    except (TypeError, ValueError) as error:  # a character that is not text, a number of thousands of digits
        raise Invalid(_l("The file contains characters that are not text."), field="file") from error
    return document, content


def write_yaml(rulebook: Rulebook) -> str:
    """A rulebook as the text of a file that loads as the same rulebook; a file's comments are not kept."""
    return yaml.safe_dump(rulebook.document, allow_unicode=True, sort_keys=False, width=110)


def delete_rulebook(rulebook: Rulebook, actor: Actor, now: datetime) -> None:
    """Delete a version that no round uses; raises Conflict for any other."""
    actor.require(Role.BUREAU)
    subject, name, digest = _subject(rulebook), _name(rulebook), rulebook.digest
    _remove(rulebook)
    record(actor, "rulebook.deleted", subject, now, name=name, digest=digest)


def _subject(rulebook: Rulebook) -> str:
    return f"rulebook:{rulebook.id}"


def _name(rulebook: Rulebook) -> str:
    return f"{rulebook.key} {rulebook.version}"


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
            ),
            field="file",
        ) from error


def load_default_rulebook(actor: Actor, now: datetime) -> Rulebook:
    """Load the rulebook that comes with the product."""
    return load_rulebook(DEFAULT.read_text(encoding="utf-8"), actor, now)
