"""The page for whoever scans a letter or a poster that leads to no form today."""

from __future__ import annotations

from typing import NamedTuple

from flask import render_template
from flask_babel import gettext as _

from rating.errors import DomainError, TooMany
from rating.evaluations.service import RoundNotOpen
from rating.registry.queries import NoSuchEstate
from rating.rounds.codes import MistypedCode
from rating.rounds.models import Round
from rating.rounds.queries import find_open_round
from rating.web.access import only_read_from_here
from rating.web.errors import answer_too_many, status_of
from rating.web.language import day, told
from rating.web.request import today


class _Said(NamedTuple):
    heading: str
    message: str
    ended: bool = False


def letter_page(error: DomainError) -> tuple[str, int]:
    """Why this letter or poster opens no form, and where to go instead."""
    only_read_from_here()
    if isinstance(error, TooMany):
        answer_too_many(error.seconds)
    said = _said_of(error, find_open_round())
    return render_template("evaluations/letter.html", **said._asdict()), status_of(error)


def _said_of(error: DomainError, round_: Round | None) -> _Said:
    if isinstance(error, TooMany):
        return _Said(_("Please wait a little"), told(error.message))
    if isinstance(error, NoSuchEstate):
        return _Said(_("We know no such estate"), told(error.message))
    if isinstance(error, RoundNotOpen) and round_ and round_.is_still_to_open(today()):
        first = _("The ratings open on %(day)s", day=day(round_.opens_on))
        return _Said(first, _("Please scan this letter again then: it stays valid."))
    if isinstance(error, RoundNotOpen):
        ended = _("What was handed in before counts. Before the next round you will get a new letter.")
        return _Said(_("The ratings have ended"), ended, ended=True)
    if round_ is None and not isinstance(error, MistypedCode):
        over = _("The round that this letter was for has ended, or the code is another one. No ratings are taken now.")
        return _Said(_("This code opens no form now"), over, ended=True)
    return _Said(_("This code isn’t right"), told(error.message))
