"""What is done with every request before its view, and with every answer after it."""

from __future__ import annotations

from collections.abc import Collection

from flask import Flask

from rating.server.sizes import count_fields, limit_body
from rating.web.access import check_access, keep_private
from rating.web.headers import go_to_tls, set_headers
from rating.web.language import remember_choices
from rating.web.log import log_request, start_timer
from rating.web.request import refuse_nul

# Letter, form and receipt: a ticket in a signed cookie is all that they go by (see rating.evaluations.views).
WITHOUT_ACCOUNTS = frozenset({"evaluations", "own_receipt"})
# Who may send this comes first, then how much; only then is a form read.
BEFORE = (start_timer, go_to_tls, check_access, limit_body, count_fields, refuse_nul)
AFTER = (set_headers, keep_private, remember_choices, log_request)  # the last one first


def hook_requests(app: Flask) -> None:
    """Let every request be looked at; what extensions have hooked before is left to pages of people with accounts."""
    _leave_to_blueprints(app, app.blueprints.keys() - WITHOUT_ACCOUNTS)
    for look in BEFORE:
        app.before_request(look)
    for dress in AFTER:
        app.after_request(dress)


def _leave_to_blueprints(app: Flask, names: Collection[str]) -> None:
    """Let what extensions have hooked to every request so far (tokens, accounts, limits) be done for these alone.

    It is a fifth of what a resident's way costs, which has no use for any of it.
    """
    for hooks in (app.before_request_funcs, app.after_request_funcs):
        of_all = hooks.pop(None, [])
        for name in names:
            hooks[name] = [*of_all, *hooks.get(name, [])]
