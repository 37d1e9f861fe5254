"""A stored file, sent to be saved."""

from __future__ import annotations

from flask import Response

from rating.audit.files import get_file
from rating.web.downloads import download


def evidence_response(digest: str) -> Response:
    """A stored file to be saved, never opened as a page of ours; the caller has checked who asks."""
    file = get_file(digest)
    response = download(file.content, file.media_type, f"evidence-{digest[:8]}.{file.suffix}")
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
