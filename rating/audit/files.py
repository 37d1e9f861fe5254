"""Keeping files: what they are is read from their bytes, and pictures lose what a camera wrote about itself."""

from __future__ import annotations

import hashlib
import io
from datetime import date

from PIL import Image, ImageOps, UnidentifiedImageError

from rating.audit.models import StoredFile
from rating.errors import Invalid, NotFound
from rating.extensions import db
from rating.wording import _l

LARGEST = 8 * 1024 * 1024
WIDEST = 2000  # pixels: enough to read a document that was photographed
MOST_PIXELS = 60_000_000
KINDS = {"JPEG": "image/jpeg", "PNG": "image/png"}
NOT_A_KIND = _l("Hand in a PDF, or a picture as JPEG or PNG.")


def keep_file(content: bytes, today: date) -> StoredFile:
    """Keep a PDF or a picture, once; the same bytes are one file. Raises Invalid for other kinds and large ones."""
    if len(content) > LARGEST:
        raise Invalid(_l("A file may have at most %(n)s MB.", n=LARGEST // 1024**2))
    kept, media_type = (content, "application/pdf") if content.startswith(b"%PDF-") else _picture(content)
    digest = hashlib.sha256(kept).hexdigest()
    if (found := db.session.get(StoredFile, digest)) is not None:
        return found
    file = StoredFile(digest=digest, media_type=media_type, content=kept, size=len(kept), kept_on=today)
    db.session.add(file)
    db.session.flush()
    return file


def _picture(content: bytes) -> tuple[bytes, str]:
    """The picture's points alone, upright and not wider than needed, and its media type."""
    try:
        with Image.open(io.BytesIO(content), formats=list(KINDS)) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Invalid(_l("This picture has too many points. Please hand in a smaller one."))
            kind = str(picture.format)
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((WIDEST, WIDEST))
            plain = upright.convert("RGB" if kind == "JPEG" else "RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Invalid(NOT_A_KIND) from error
    plain.info.clear()
    written = io.BytesIO()
    plain.save(written, kind, **({"quality": 85} if kind == "JPEG" else {}))
    return written.getvalue(), KINDS[kind]


def get_file(digest: str) -> StoredFile:
    """A stored file; raises NotFound."""
    if (found := db.session.get(StoredFile, digest)) is None:
        raise NotFound(_l("There is no such file."))
    return found
