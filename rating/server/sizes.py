"""How much may be sent: little by everybody, more only where a page takes long texts or files.

The more is granted when the access rule has been judged and before anything of the body is read, so that nobody's
body is parsed who may not send it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, request
from werkzeug.exceptions import BadRequest, LengthRequired, RequestEntityTooLarge, RequestURITooLarge

KB, MB = 1024, 1024 * 1024
FORM = 64 * KB  # any form whose texts are short
TEXTS = 512 * KB  # one of several texts of 4,000 characters each: a Chinese one takes nine bytes in the form
ADDRESS = 4 * KB  # what stands behind the question mark; gunicorn takes no longer line
MOST_FIELDS = 500  # a score sheet of a hundred questions, each with its mark, reason and photo
View = TypeVar("View", bound=Callable[..., Any])


def takes(texts: int = FORM, *, files: int = 0) -> Callable[[View], View]:
    """Declare that a view takes more than a short form: so many bytes of texts, or together with files."""

    def tag(view: View) -> View:
        view.takes = (texts, files)  # type: ignore[attr-defined]  # a function carries its own sizes
        return view

    return tag


def taken_by(view: Callable[..., Any]) -> tuple[int, int]:
    """The most bytes that a view takes: of a form, and of a form with files (0 where it takes none)."""
    found: tuple[int, int] = getattr(view, "takes", (FORM, 0))
    return found


def limit_body() -> None:
    """Grant this request its size, and refuse a larger one unread. Call it when the access rule has been judged."""
    view = current_app.view_functions.get(request.endpoint or "")
    texts, files = taken_by(view) if view else (FORM, 0)
    most = max(texts, files) if request.mimetype == "multipart/form-data" else texts
    request.max_content_length = most
    if len(request.query_string) > ADDRESS:
        raise RequestURITooLarge
    if "Transfer-Encoding" in request.headers:  # a body of unknown length would be cut at the limit, and taken
        raise LengthRequired
    if (request.content_length or 0) > most:
        raise RequestEntityTooLarge


def count_fields() -> None:
    """A form has no more fields than the largest of ours; multipart ones are counted while they are read."""
    if request.method not in {"GET", "HEAD"} and sum(map(len, request.form.listvalues())) > MOST_FIELDS:
        raise BadRequest


def told_size() -> str:
    """The most that this request may be, as people write it."""
    most = request.max_content_length or FORM
    return f"{most // MB} MB" if most >= MB else f"{most // KB} KB"
