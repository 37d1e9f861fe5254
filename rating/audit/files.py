"""Keeping files: what they are is read from their bytes, and pictures lose what a camera wrote about itself."""

from __future__ import annotations

import hashlib
import io
import struct
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from threading import Lock

from sqlalchemy import delete, exists

from rating.access import Actor
from rating.audit.models import StoredFile
from rating.audit.service import record
from rating.calendar import day_of
from rating.errors import Invalid, NotFound
from rating.extensions import db
from rating.storage.engines import delete_rows, insert_for, referring_columns
from rating.wording import _l

LARGEST = 8 * 1024 * 1024
WIDEST = 2000  # pixels: enough to read a document that was photographed
MOST_PIXELS = {"JPEG": 60_000_000, "PNG": 30_000_000}  # a JPEG is read smaller at once, a PNG only whole
KINDS = {"JPEG": "image/jpeg", "PNG": "image/png"}
NOT_A_KIND = _l("Hand in a PDF, or a picture as JPEG or PNG.")
# What Pillow raises for bytes that only begin like a picture, or whose camera's notes are garbled.
UNREADABLE = (OSError, ValueError, SyntaxError, TypeError, struct.error)
KEPT_UNUSED = timedelta(days=30)
_one_at_a_time = Lock()  # a picture of many points takes hundreds of megabytes while it is made smaller


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file as it will be kept, and SHA-256 of that."""

    digest: str
    media_type: str
    content: bytes = field(repr=False)


def read_file(content: bytes) -> ReadFile:
    """What is kept of a PDF or a picture. Raises Invalid for other kinds and large ones.

    A large picture takes a second or more: read files before a transaction begins, so that others don't wait for it.
    """
    if len(content) > LARGEST:
        raise Invalid(_l("A file may have at most %(n)s MB.", n=LARGEST // 1024**2))
    kept, media_type = (content, "application/pdf") if content.startswith(b"%PDF-") else _picture(content)
    return ReadFile(hashlib.sha256(kept).hexdigest(), media_type, kept)


def keep_file(file: bytes | ReadFile, today: date) -> StoredFile:
    """Keep a PDF or a picture, once; the same bytes are one file, also of two people at once. Raises as read_file.

    A file that is handed in again counts as new.
    """
    read = read_file(file) if isinstance(file, bytes) else file
    statement = insert_for(db.session.get_bind().dialect.name, StoredFile).values(
        digest=read.digest, media_type=read.media_type, content=read.content, size=len(read.content), kept_on=today
    )
    db.session.execute(statement.on_conflict_do_update(index_elements=[StoredFile.digest], set_={"kept_on": today}))
    return get_file(read.digest)


def _picture(content: bytes) -> tuple[bytes, str]:
    """The picture's points alone, upright and not wider than needed, and its media type."""
    from PIL import Image, ImageOps

    try:
        with _one_at_a_time, Image.open(io.BytesIO(content), formats=list(KINDS)) as picture:
            kind = str(picture.format)
            if picture.width * picture.height > MOST_PIXELS[kind]:
                raise Invalid(_l("This picture has too many points. Please hand in a smaller one."))
            picture.thumbnail((WIDEST, WIDEST))  # first of all: what follows is then small
            plain = ImageOps.exif_transpose(picture).convert("RGB" if kind == "JPEG" else "RGBA")
    except (*UNREADABLE, Image.DecompressionBombError) as error:
        raise Invalid(NOT_A_KIND) from error
    plain.info.clear()
    written = io.BytesIO()
    plain.save(written, kind, **({"quality": 85} if kind == "JPEG" else {}))
    return written.getvalue(), KINDS[kind]


def forget_unused_files(actor: Actor, now: datetime) -> int:
    """Delete files that nothing refers to a month after they last came; returns how many.

    They belong to sheets and records that were refused and never handed in again.
    """
    referring = referring_columns(StoredFile.__table__)
    unused = [~exists().where(column == StoredFile.digest).correlate(StoredFile) for column in referring]
    count = delete_rows(delete(StoredFile).where(StoredFile.kept_on < day_of(now) - KEPT_UNUSED, *unused))
    if count:
        record(actor, "files.forgotten", "files", now, count=count)
    return count


def get_file(digest: str) -> StoredFile:
    """A stored file; raises NotFound."""
    if (found := db.session.get(StoredFile, digest)) is None:
        raise NotFound(_l("There is no such file."))
    return found
