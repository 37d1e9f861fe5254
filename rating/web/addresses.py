"""Addresses of our own pages: numbers in them, and one argument changed."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import quote, urlencode

from flask import request
from werkzeug.routing import IntegerConverter


class PlainInteger(IntegerConverter):
    """A number in an address, in the one way that we write it: no other digits (１), no leading zeros."""

    regex = "(?:0|[1-9][0-9]*)"


def this_address_with(name: str, value: object, without: Collection[str] = ()) -> str:
    """This address with one argument set, all others kept; no part of the request decides how it is built."""
    kept = [(key, text) for key, text in request.args.items(multi=True) if key != name and key not in without]
    return f"{quote(request.path)}?{urlencode([*kept, (name, value)])}"
