"""A stored file, sent to be saved."""

from __future__ import annotations

from flask import Response

from rating.audit.files import get_file


def evidence_response(digest: str) -> Response:
    """A stored file to be saved, never opened as a page of ours; the caller has checked who asks."""
    file = get_file(digest)
    headers = {
        "Content-Disposition": f'attachment; filename="evidence-{digest[:8]}.{file.suffix}"',
        "X-Content-Type-Options": "nosniff",
    }
    return Response(file.content, content_type=file.media_type, headers=headers)
