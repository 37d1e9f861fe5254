"""How errors become pages: each family of them, mapped once."""

from __future__ import annotations

import math
from typing import Any

from flask import Flask, Response, after_this_request, current_app, render_template, request, url_for
from flask_babel import gettext, lazy_gettext as _t
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError, StatementError, TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from rating.errors import BadRows, Conflict, DomainError, Invalid, NotFound, Refused, TooMany
from rating.extensions import limiter
from rating.server.sizes import told_size
from rating.web.access import SignInFirst, only_read_from_here
from rating.web.addresses import tidied
from rating.web.language import language, told
from rating.web.log import log, masked_path
from rating.web.request import now

STATUS = {NotFound: 404, Refused: 403, Conflict: 409, BadRows: 422, Invalid: 422, TooMany: 429}


def error_page(status: int, message: str, title: str | None = None, **values: Any) -> tuple[str, int]:
    """The page that says what went wrong, in words."""
    only_read_from_here()
    titles = {
        403: _t("You can't do that"),
        404: _t("There is no such page"),
        409: _t("That isn't possible now"),
        413: _t("That is too large"),
        422: _t("Please correct what you entered"),
        429: _t("Too many tries"),
        503: _t("Please try again in a minute"),
    }
    heading = title or titles.get(status) or _t("Something went wrong")
    return render_template("error.html", title=heading, message=message, status=status, **values), status


def status_of(error: DomainError) -> int:
    """The status of the page that tells of an error."""
    return next(code for family, code in STATUS.items() if isinstance(error, family))


def _domain_error(error: DomainError) -> tuple[str, int] | AnyResponse:
    if isinstance(error, NotFound) and (tidy := tidied()):
        return tidy
    if isinstance(error, TooMany):
        answer_too_many(error.seconds)
    return error_page(status_of(error), told(error.message))


def answer_too_many(seconds: int) -> None:
    """Make this response a 429 with Retry-After, whatever page it shows."""

    @after_this_request
    def say_so(response: Response) -> Response:
        response.status_code = 429
        response.headers["Retry-After"] = str(seconds)
        return response


def _limit_reached(_error: RateLimitExceeded) -> tuple[str, int]:
    """A limit declared on a view itself."""
    if limit := limiter.current_limit:
        answer_too_many(max(1, math.ceil(limit.window.reset_time - now().timestamp())))
    return error_page(429, str(HTTP_MESSAGES[429]))


HTTP_MESSAGES = {
    400: _t("The request could not be read."),
    404: _t("The address may be mistyped, or the page has gone."),
    405: _t("This address can't be used in that way. Please go back and try again."),
    411: _t("The request could not be read."),
    414: _t("The request could not be read."),
    413: _t("What you sent is larger than this page takes (%(size)s). Please go back and send less."),
    429: _t("There were too many tries in a short time. Please wait a few minutes and try again."),
}


def _http_error(error: HTTPException) -> tuple[str, int] | AnyResponse:
    code = error.code or 500
    if code == 404 and (tidy := tidied()):
        return tidy
    if code < 400:
        return Response(error.get_response().get_data(), code, dict(error.get_headers()))
    message = str(HTTP_MESSAGES.get(code, _t("Something went wrong on our side. Nothing was changed.")))
    return error_page(code, message % {"size": told_size()} if code == 413 else message)


def _csrf_error(_error: CSRFError) -> tuple[str, int]:
    message = gettext(
        "This page was open too long, or cookies are switched off. Please go back, reload the page and send it again."
    )
    return error_page(400, message, gettext("Please send it again"))


def _sign_in_first(_error: SignInFirst) -> Response:
    location = url_for("security.login", next=request.full_path.rstrip("?") if request.method == "GET" else None)
    return current_app.make_response(("", 302, {"Location": location}))


def _database_down(error: OperationalError | PoolTimeout) -> Response:
    """A plain answer without the frame of a page: drawing that needs the database too."""
    if str(getattr(getattr(error, "orig", None), "sqlstate", "")) in {"40P01", "40001"}:  # deadlock, serialization
        return current_app.make_response(
            error_page(409, gettext("Somebody else changed this at the same moment. Please go back and send it again."))
        )
    log.error("database unreachable", kind=type(getattr(error, "orig", None) or error).__name__)
    text = gettext("The service can't reach its records. Nothing was lost; please try again in a minute.")
    title = gettext("Please try again in a minute")
    page = (
        f"<!doctype html><html lang='{language()}'><head><meta charset='utf-8'><title>{title}</title>"
        f"<meta name='viewport' content='width=device-width'></head><body><h1>{title}</h1><p>{text}</p></body></html>"
    )
    return Response(page, 503, {"Retry-After": "30", "Content-Type": "text/html; charset=utf-8"})


def _not_a_value(_error: DataError | OverflowError) -> tuple[str, int]:
    """A number or text that no row can have."""
    if request.method in {"GET", "HEAD"}:
        return error_page(404, str(HTTP_MESSAGES[404]))
    return error_page(422, gettext("A number or text is too large to be stored. Nothing was changed."))


def _not_bound(error: StatementError) -> Any:
    """A value that could not even be handed to the database, such as a day before the calendar's first in Shanghai."""
    if isinstance(error.orig, OverflowError):
        return _not_a_value(error.orig)
    raise error


def _crash(error: Exception) -> tuple[str, int]:
    log.error("request failed", path=masked_path(), exc_info=error)
    return error_page(500, gettext("Something went wrong on our side. Nothing was changed."))


def handle_errors(app: Flask) -> None:
    """Map errors to pages. In tests and debugging an unexpected error is raised as it is."""
    app.register_error_handler(DomainError, _domain_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(RateLimitExceeded, _limit_reached)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(SignInFirst, _sign_in_first)
    app.register_error_handler(OperationalError, _database_down)
    app.register_error_handler(PoolTimeout, _database_down)
    app.register_error_handler(DataError, _not_a_value)
    app.register_error_handler(OverflowError, _not_a_value)
    app.register_error_handler(StatementError, _not_bound)
    if not (app.testing or app.debug):
        app.register_error_handler(Exception, _crash)
