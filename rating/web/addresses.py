"""Addresses of our own pages: numbers in them, and one argument changed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from urllib.parse import quote, urlencode

from flask import redirect, request
from werkzeug.routing import IntegerConverter
from werkzeug.wrappers import Response

OURS = re.compile(r"[A-Za-z0-9/_.~-]*")  # the signs that our addresses are made of
PUNCTUATION = "/._~-"


class PlainInteger(IntegerConverter):
    """A number in an address, in the one way that we write it: no other digits (１), no leading zeros."""

    regex = "(?:0|[1-9][0-9]*)"


def this_address_with(name: str, value: object, without: Collection[str] = ()) -> str:
    """This address with one argument set, all others kept; no part of the request decides how it is built."""
    kept = [(key, text) for key, text in request.args.items(multi=True) if key != name and key not in without]
    return f"{quote(request.path)}?{urlencode([*kept, (name, value)])}"


def tidied() -> Response | None:
    """To the address that was meant, where a sentence's end or a blank came along with it; None where nothing did.

    Chats and scanners take what follows an address for a part of it: /e/QY0107。, /e/QY0107）请大家参加, /e/QY0107/.
    """
    if request.method not in {"GET", "HEAD"}:
        return None
    path = request.path
    ours, rest = path[: _end(path)], path[_end(path) :]
    if "/" in rest or (rest and not _follows(rest[0])):
        return None
    tidy = "/" + ours.strip("/").rstrip(PUNCTUATION)
    if tidy == path:
        return None
    arguments = request.query_string.decode("ascii", "ignore")
    return redirect(f"{tidy}?{arguments}" if arguments else tidy, 303)


def _end(path: str) -> int:
    found = OURS.match(path)
    return found.end() if found else 0


def _follows(sign: str) -> bool:
    """Whether a sign may come after an address in a sentence; another digit or a plus would be a part of it."""
    category = unicodedata.category(sign)
    return category[0] in "PZ" or category in {"Lo", "Cf"}
