"""How much may be sent: little by everybody, more only where a page accepts long texts or files.

The larger limit applies once the access rule has been checked and before any of the body is read, so that nobody's body
is parsed who may not send it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, request
from werkzeug.exceptions import BadRequest, LengthRequired, RequestEntityTooLarge, RequestURITooLarge

KB, MB = 1024, 1024 * 1024
FORM = 64 * KB  # any form whose texts are short
TEXTS = 512 * KB  # one of several texts of 4,000 characters each: a Chinese one takes nine bytes in the form
ADDRESS = 4 * KB  # what follows the question mark; gunicorn accepts no longer line
MOST_FIELDS = 500  # a score sheet of a hundred questions, each with its mark, reason and photo
View = TypeVar("View", bound=Callable[..., Any])


def takes(texts: int = FORM, *, files: int = 0) -> Callable[[View], View]:
    """Declare that a view accepts more than a short form: this many bytes of texts, or together with files."""

    def tag(view: View) -> View:
        view.takes = (texts, files)  # type: ignore[attr-defined]  # a function carries its own sizes
        return view

    return tag


def taken_by(view: Callable[..., Any]) -> tuple[int, int]:
    """The most bytes that a view accepts: of a form, and of a form with files (0 where it accepts none)."""
    found: tuple[int, int] = getattr(view, "takes", (FORM, 0))
    return found


def limit_body() -> None:
    """Set this request's limit, and refuse a larger one unread. Call it once the access rule has been checked."""
    view = current_app.view_functions.get(request.endpoint or "")
    texts, files = taken_by(view) if view else (FORM, 0)
    most = max(texts, files) if request.mimetype == "multipart/form-data" else texts
    request.max_content_length = most
    if len(request.query_string) > ADDRESS:
        raise RequestURITooLarge
    if "Transfer-Encoding" in request.headers:  # a body of unknown length would be cut at the limit, and accepted
        raise LengthRequired
    if (request.content_length or 0) > most:
        raise RequestEntityTooLarge


def count_fields() -> None:
    """A form has no more fields than the largest of ours; multipart ones are counted while they are read."""
    if request.method not in {"GET", "HEAD"} and sum(map(len, request.form.listvalues())) > MOST_FIELDS:
        raise BadRequest


def told_size() -> str:
    """The largest size of this request, as people write it."""
    most = request.max_content_length or FORM
    return f"{most // MB} MB" if most >= MB else f"{most // KB} KB"
