"""The language and the size of text of a request, and how days and sentences are written in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import quote, urlencode

from flask import Response, current_app, has_request_context, request
from flask_babel import format_date, get_locale, gettext

from rating.web.addresses import this_address_with
from rating.web.request import SHANGHAI
from rating.wording import Label, Message

LANGUAGES = {"zh": "zh_Hans_CN", "en": "en"}
LANGUAGE_COOKIE = "lang"
TEXT_SIZES = ("normal", "large", "largest")
TEXT_COOKIE = "text"
CHOICES_KEPT_SECONDS = 365 * 86400


def choose_locale() -> str:
    """The language of this request: ?lang=, then the cookie, then Chinese; English where there is no request."""
    if not has_request_context():
        return LANGUAGES["en"]
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


def remember_choices(response: Response) -> Response:
    """Store a language or a size of text that was chosen in the address in a cookie."""
    for name, known in ((LANGUAGE_COOKIE, LANGUAGES), (TEXT_COOKIE, TEXT_SIZES)):
        if (asked := request.args.get(name)) in known:
            response.set_cookie(name, str(asked), max_age=CHOICES_KEPT_SECONDS, samesite="Lax", httponly=True)
    return response
