"""The initial values of a new notice and a new record: from the listing, in the page's language."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from flask_babel import gettext as _

from rating.calendar import SHANGHAI, add_working_days
from rating.cases.models import Attendance, Talk, TalkForm
from rating.cases.queries import list_rated_estates_of
from rating.releases.models import Listing
from rating.results.wording import name_costs
from rating.web.figures import shown_score
from rating.web.language import language, said

MORNING = time(9, 30)
COSTLIEST = 3


def new_notice(listing: Listing, today: date, city: str) -> dict[str, Any]:
    """The fields of a new notice: served today, the talk on the first day that this allows."""
    windows = listing.release.round.rulebook.content.windows
    rated = list_rated_estates_of(listing)
    between = _(", ")
    return {
        "served_on": today,
        "day": max(add_working_days(today, windows.talk_notice_working_days), min(today, listing.talk_due_on)),
        "hour": MORNING,
        "form": TalkForm.IN_PERSON.value,
        "issuer": _("Housing bureau of %(city)s", city=city) if city else _("Housing bureau"),
        "joint_issuers": between.join(sorted({one.community.subdistrict.name for one in rated})),
        "summoned": _("The company's head, and the manager of each estate concerned"),
        "cause": cause(listing),
        "basis": _(
            "%(rulebook)s, the section on talks and rectification; the bureau's task of supervising property services",
            rulebook=said(listing.release.round.rulebook.content.title),
        ),
        "to_bring": _("Identity card, written authority, a first rectification plan, the records concerned"),
    }


def cause(listing: Listing) -> str:
    """Release, result, score with its margin, and where most points were lost, as far as the listing has them."""
    card, number = listing.card, listing.release.number
    sentences: list[str] = [_("By release no. %(number)s your result of this round is “black list”.", number=number)]
    score, lower, upper = (shown_score(one) for one in (card.score, card.lower, card.upper))
    if score and lower and upper:
        sentences.append(_("Score %(score)s, margin %(lower)s to %(upper)s.", score=score, lower=lower, upper=upper))
    if costs := name_costs(card.costliest[:COSTLIEST], listing.release.round.rulebook.content):
        words = _(", ").join(said(cost.text) for cost in costs)
        sentences.append(_("Most points were lost on: %(indicators)s.", indicators=words))
    return (" " if language() == "en" else "").join(sentences)


def new_record(talk: Talk) -> dict[str, Any]:
    """The fields of a new record: as the notice says."""
    local: datetime = talk.scheduled_at.astimezone(SHANGHAI)
    return {
        "held_on": local.date(),
        "since": local.time(),
        "place": talk.place,
        "form": talk.form.value,
        "conducted_by": talk.conducted_by,
        "attended_by": talk.summoned,
        "attendance": Attendance.HEAD.value,
        "names": talk.names,
        "internal_note": talk.internal_note,
    }
