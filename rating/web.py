"""What every view needs: the clock, the actor, languages, pages of a list, and how errors become pages."""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

import structlog
from flask import Flask, Response, after_this_request, current_app, g, render_template, request, url_for
from flask_babel import format_date, get_locale, gettext, lazy_gettext as _l
from flask_limiter import RateLimitExceeded
from flask_security import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy import Select, func, select
from sqlalchemy.exc import DataError, OperationalError, StatementError, TimeoutError as PoolTimeout
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.routing import IntegerConverter

from rating.access import ANONYMOUS, Actor, Role, rule_of
from rating.config import derived_key
from rating.errors import BadRows, Conflict, DomainError, Invalid, NotFound, Refused, TooMany
from rating.extensions import db, limiter
from rating.server.sizes import told_size
from rating.wording import Label, Message

SHANGHAI = ZoneInfo("Asia/Shanghai")
LANGUAGES = {"zh": "zh_Hans_CN", "en": "en"}
LANGUAGE_COOKIE = "lang"
TEXT_SIZES = ("normal", "large", "largest")
TEXT_COOKIE = "text"
CHOICES_KEPT_SECONDS = 365 * 86400
STATUS = {NotFound: 404, Refused: 403, Conflict: 409, BadRows: 422, Invalid: 422, TooMany: 429}
log = structlog.get_logger()

Row = TypeVar("Row")


def now() -> datetime:
    """The app's clock: an aware UTC datetime."""
    moment: datetime = current_app.config["CLOCK"]()
    return moment


def today() -> date:
    """The day in Shanghai."""
    return now().astimezone(SHANGHAI).date()


def current_actor() -> Actor:
    """Who acts in this request; ANONYMOUS for residents and the public."""
    if "actor" not in g:
        user = current_user
        g.actor = user.actor(today()) if user and user.is_authenticated else ANONYMOUS
    actor: Actor = g.actor
    return actor


def code_key() -> bytes:
    """The key under which household codes are hashed."""
    return derived_key(str(current_app.config["SECRET_KEY"]), "household code")


class PlainInteger(IntegerConverter):
    """A number in an address, in the one way that we write it: no other digits (１), no zeros before it."""

    regex = "(?:0|[1-9][0-9]*)"


# ---- languages and sizes of text: asked for in the address, then kept in a cookie


def choose_locale() -> str:
    """The language of this request: ?lang=, then the cookie, then Chinese."""
    asked = request.args.get("lang") or request.cookies.get(LANGUAGE_COOKIE) or "zh"
    return LANGUAGES.get(asked, LANGUAGES["zh"])


def language() -> str:
    """'zh' or 'en'."""
    return "en" if str(get_locale()) == "en" else "zh"


def said(value: Any) -> str:
    """The current language's text of an object or mapping with `zh` and `en`."""
    if isinstance(value, Mapping):
        return str(value[language()])
    return str(getattr(value, language()))


def told(message: Message | Label | str) -> str:
    """A sentence or a name of the domain in the current language."""
    if isinstance(message, Label):
        return said(message)
    if not isinstance(message, Message):
        return str(message)
    text = gettext(message.text)
    values = {
        key: told(value) if isinstance(value, Message | Label) else value for key, value in message.values.items()
    }
    return str(text % values if values else text)


def day(value: date | datetime | None, form: str = "long") -> str:
    """A day as people write it: 2026年3月1日 / 1 March 2026."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(SHANGHAI).date()
    if language() == "zh":
        return f"{value.year}年{value.month}月{value.day}日" if form == "long" else f"{value.month}月{value.day}日"
    return str(format_date(value, "d MMMM y" if form == "long" else "d MMM"))


def moment(value: datetime | None) -> str:
    """A day and an hour in Shanghai."""
    if value is None:
        return ""
    local = value.astimezone(SHANGHAI)
    return f"{day(local)} {local:%H:%M}"


def text_size() -> str:
    """The size of text of this request: ?text=, then the cookie, then normal."""
    asked = request.args.get("text") or request.cookies.get(TEXT_COOKIE)
    return asked if asked in TEXT_SIZES else TEXT_SIZES[0]


def lang_url(code: str) -> str:
    """This page in another language."""
    return _this_page_with("lang", code)


def text_url(size: str) -> str:
    """This page with another size of text."""
    return _this_page_with("text", size)


def _this_page_with(name: str, value: str) -> str:
    """This page, or for the answer to a form the nearest one above that can be opened, with a choice to remember."""
    if request.endpoint is None or request.method not in {"GET", "HEAD"}:
        return f"{quote(_nearest_page())}?{urlencode([(name, value)])}"
    return this_address_with(name, value, without={"lang", "text"})


def _nearest_page() -> str:
    addresses = current_app.url_map.bind("")
    above = request.path
    while above and not addresses.test(above, "GET"):
        above = above.rpartition("/")[0]
    return above if request.endpoint and above else "/"


def this_address_with(name: str, value: object, without: Collection[str] = ()) -> str:
    """This address with one argument set, all others kept; nothing that is asked for steers how it is built."""
    kept = [(key, text) for key, text in request.args.items(multi=True) if key != name and key not in without]
    return f"{quote(request.path)}?{urlencode([*kept, (name, value)])}"


def remember_choices(response: Response) -> Response:
    """Keep a language or a size of text that was asked for in the address in a cookie."""
    for name, known in ((LANGUAGE_COOKIE, LANGUAGES), (TEXT_COOKIE, TEXT_SIZES)):
        if (asked := request.args.get(name)) in known:
            response.set_cookie(name, str(asked), max_age=CHOICES_KEPT_SECONDS, samesite="Lax", httponly=True)
    return response


def keep_private(response: Response) -> Response:
    """Pages depend on cookies: no shared cache may keep one, unless its view says that everybody gets the same."""
    staff = current_actor().user_id is not None
    response.headers.setdefault("Cache-Control", "private, no-store" if staff else "private, no-cache")
    return response


# ---- pages of a list


class Page(Generic[Row]):
    """One page of a list; `items` in the query's order, numbers from 1."""

    def __init__(self, items: list[Row], page: int, per_page: int, total: int) -> None:
        self.items = items
        self.page = page
        self.total = total
        self.pages = max(1, -(-total // per_page))

    @property
    def prev_num(self) -> int | None:
        """The page before, if any."""
        return self.page - 1 if self.page > 1 else None

    @property
    def next_num(self) -> int | None:
        """The page after, if any."""
        return self.page + 1 if self.page < self.pages else None

    def url_for_page(self, number: int) -> str:
        """This address with another page number, filters kept."""
        return this_address_with("page", number)


def paginate(statement: Select[Row], per_page: int = 50) -> Page[Row]:
    """The page of an ordered SELECT of one entity that ?page= asks for; out of range is the nearest."""
    total = db.session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    pages = max(1, -(-total // per_page))
    page = min(max(1, request.args.get("page", 1, type=int) or 1), pages)
    rows = db.session.scalars(statement.limit(per_page).offset((page - 1) * per_page))
    return Page(list(rows), page, per_page, total)


# ---- access


def check_access() -> None:
    """Hold every request to its endpoint's rule; an endpoint without one admits nobody."""
    endpoint = request.endpoint
    if endpoint is None:
        return
    rule = rule_of(endpoint, current_app.view_functions[endpoint])
    if rule is None:
        raise RuntimeError(f"endpoint {endpoint} declares no access rule")
    if rule.public:
        return
    actor = current_actor()
    if actor.user_id is None:
        raise SignInFirst
    writes = request.method == "POST" and rule.writers_only
    if not rule.permits(actor) or (writes and only_reads(actor)):
        raise Refused(Message("Your account is not allowed to see this page or do this."))
    db.session.rollback()  # knowing who acts took a transaction; the view begins its own


def only_read_from_here() -> None:
    """Give up what was begun; drawing the page that follows holds no lock, however long it takes."""
    db.session.rollback()
    g.only_reads = True


def only_reads(actor: Actor) -> bool:
    """The auditor changes nothing (but their own account, and the record of a spot check)."""
    return bool(actor.grants) and all(grant.role is Role.AUDITOR for grant in actor.grants)


class SignInFirst(Exception):
    """The page is for people who have signed in."""


# ---- errors


def error_page(status: int, message: str, title: str | None = None, **values: Any) -> tuple[str, int]:
    """The page that tells what went wrong, in words."""
    only_read_from_here()
    titles = {
        403: _l("You can't do that"),
        404: _l("There is no such page"),
        409: _l("That isn't possible now"),
        413: _l("That is too large"),
        422: _l("Something needs mending"),
        429: _l("Too many tries"),
        503: _l("Please try again in a minute"),
    }
    heading = title or titles.get(status) or _l("Something went wrong")
    return render_template("error.html", title=heading, message=message, status=status, **values), status


def _domain_error(error: DomainError) -> tuple[str, int]:
    status = next(code for family, code in STATUS.items() if isinstance(error, family))
    if isinstance(error, TooMany):
        answer_too_many(error.seconds)
    return error_page(status, told(error.message))


def answer_too_many(seconds: int) -> None:
    """Whatever page this request shows, it says 429, and when to come back."""

    @after_this_request
    def say_so(response: Response) -> Response:
        response.status_code = 429
        response.headers["Retry-After"] = str(seconds)
        return response


def _limit_reached(_error: RateLimitExceeded) -> tuple[str, int]:
    """A limit that stands on a view itself."""
    if limit := limiter.current_limit:
        answer_too_many(max(1, math.ceil(limit.window.reset_time - now().timestamp())))
    return error_page(429, str(HTTP_MESSAGES[429]))


HTTP_MESSAGES = {
    400: _l("The request could not be read."),
    404: _l("The address may be mistyped, or the page has gone."),
    405: _l("This address can't be used in that way. Please go back and try again."),
    411: _l("The request could not be read."),
    414: _l("The request could not be read."),
    413: _l("What you sent is larger than this page takes (%(size)s). Please go back and send less."),
    429: _l("There were too many tries in a short time. Please wait a few minutes and try again."),
}


def _http_error(error: HTTPException) -> tuple[str, int] | Response:
    code = error.code or 500
    if code < 400:
        return Response(error.get_response().get_data(), code, dict(error.get_headers()))
    message = str(HTTP_MESSAGES.get(code, _l("Something went wrong on our side. Nothing was changed.")))
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
    """Say it plainly, without the frame of a page: drawing that needs the database too."""
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
    return error_page(422, gettext("A number or text is larger than can be kept. Nothing was changed."))


def _not_bound(error: StatementError) -> Any:
    """A value that could not even be handed to the database, such as a day before the calendar's first in Shanghai."""
    if isinstance(error.orig, OverflowError):
        return _not_a_value(error.orig)
    raise error


def refuse_nul() -> None:
    """No text that a person types or scans holds a NUL; databases refuse it in their own words."""
    given = [request.args] if request.method in {"GET", "HEAD"} else [request.args, request.form]
    if "\x00" in request.path or any(
        "\x00" in text for one in given for pair in one.items(multi=True) for text in pair
    ):
        raise BadRequest


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


# ---- the access log


def masked_path() -> str:
    """The pattern of the page's address: what stands in an address can be a code, an invitation or a name."""
    return request.url_rule.rule if request.url_rule else "(no such page)"


def start_timer() -> None:
    """Note when the request came in."""
    g.started = time.perf_counter()


def log_request(response: Response) -> Response:
    """One line a request: what, how it went and how long it took; no address, no query, no code."""
    took = time.perf_counter() - g.get("started", time.perf_counter())
    log.info(
        "request", method=request.method, path=masked_path(), status=response.status_code, ms=round(took * 1000, 1)
    )
    return response
