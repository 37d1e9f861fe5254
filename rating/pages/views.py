"""The public site: the lists, the releases, the search, the method."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _

from rating.access import PUBLIC, allow
from rating.cases.effects import find_effects_after, find_effects_before
from rating.cases.queries import find_later_release
from rating.errors import NotFound
from rating.explanations.reasons import list_common_problems
from rating.pages import wording
from rating.pages.queries import (
    count_by_channel,
    find_round_taking_evaluations,
    find_rulebook_in_force,
    list_entries,
    search,
)
from rating.releases.models import Release
from rating.releases.queries import find_current_release, get_release, list_releases
from rating.releases.receipt_queries import has_receipt_lists
from rating.results.bodies import list_cooperation
from rating.results.contrasts import list_contrasts
from rating.results.queries import read_scorecard
from rating.reviews import patterns
from rating.scoring import Standing
from rating.spotchecks.queries import count_draws, list_spot_checks
from rating.web.addresses import tidied
from rating.web.caching import let_caches_keep
from rating.web.downloads import download as as_file
from rating.web.errors import error_page
from rating.web.figures import plain
from rating.web.language import told
from rating.web.request import today
from rating.wording import _l

bp = Blueprint("pages", __name__)
bp.after_request(let_caches_keep)
bp.add_app_template_filter(plain, "plain")
bp.add_app_template_filter(wording.certainty, "certainty")
bp.add_app_template_filter(wording.tipping, "tipping")
bp.add_app_template_filter(wording.name_some, "name_some")
bp.add_app_template_filter(wording.expected_wrong, "expected_wrong")


@bp.errorhandler(NotFound)
def not_found(error: NotFound) -> Any:
    """The page for a release that doesn't exist: says so, and where to look."""
    actions = [(_("All releases"), url_for(".releases")), (_("Search estates and companies"), url_for(".find"))]
    return tidied() or error_page(404, told(error.message), _("Not found"), actions=actions)


# ---- the lists


@bp.get("/")
@allow(PUBLIC)
def home() -> str:
    """The current lists at a glance; what comes next where there are none."""
    release = find_current_release(today())
    shown = release is not None and release.is_current(today()) and not release.is_trial
    return render_template(
        "pages/home.html",
        release=release,
        shown=shown,
        lists=_lists(release) if release and shown else {},
        open_round=find_round_taking_evaluations(today()),
        **(_figures(release) if release else {}),
    )


def _lists(release: Release) -> dict[str, Any]:
    entries = list_entries(release, today())
    return {standing.value: [one for one in entries if one.listing.standing is standing] for standing in Standing}


def _figures(release: Release) -> dict[str, Any]:
    content = release.round.rulebook.content
    return {
        "city": read_scorecard(release.scorecard).city,
        "rules": content.rules(),
        "windows": content.windows,
        "channels": wording.shares(count_by_channel(release.round)),
    }


@bp.get("/search")
@allow(PUBLIC)
def find() -> str:
    """Estates and companies by words."""
    text = request.args.get("q", "").strip()[:80]
    return render_template("pages/search.html", text=text, found=search(text, today()))


# ---- releases


@bp.get("/releases")
@allow(PUBLIC)
def releases() -> str:
    """Every release there ever was."""
    return render_template("pages/releases.html", releases=list_releases())


@bp.get("/releases/<int:number>")
@allow(PUBLIC)
def release(number: int) -> str:
    """One release, for ever."""
    found = get_release(number)
    return render_template(
        "pages/release.html",
        release=found,
        is_current=found.is_current(today()),
        correction=find_later_release(found),
        lists=_lists(found),
        has_receipt_lists=has_receipt_lists(found),
        spot_checks=list_spot_checks(found),
        draws=count_draws(found),
        problems=[] if found.is_trial else list_common_problems(found.scorecard),
        talks_before=find_effects_before(found),
        talks_after=find_effects_after(found),
        cooperation=[] if found.is_trial else list_cooperation(found.round),
        tallies_digest=hashlib.sha256(found.scorecard.tallies.encode()).hexdigest(),
        **_figures(found),
    )


@bp.get("/releases/<int:number>/<any(scorecard, tallies, records, rulebook):part>.json")
@allow(PUBLIC)
def download(number: int, part: str) -> Response:
    """A part of a release's data as the exact bytes of its digest."""
    found = get_release(number)
    if found.is_trial:
        raise NotFound(_l("A trial round's figures of single companies are not published."))
    response = as_file(_part(found, part), "application/json", f"release-{number}-{part}.json")
    if not found.is_current(today()):
        response.headers["X-Robots-Tag"] = "noindex"
    return response


def _part(release_: Release, part: str) -> str:
    stored = release_.scorecard
    if part == "rulebook":  # in the form that the rulebook's digest is of
        return json.dumps(release_.round.rulebook.document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return {"scorecard": stored.content, "tallies": stored.tallies, "records": stored.records}[part]


# ---- the method


@bp.get("/method")
@allow(PUBLIC)
def method() -> str:
    """How it is computed, in words, with the numbers of the rulebook in force and its questionnaires."""
    rulebook, release = find_rulebook_in_force(today()), find_current_release(today())
    content = rulebook.content if rulebook else None
    return render_template(
        "pages/method.html",
        rulebook=rulebook,
        content=content,
        rules=content.rules() if content else None,
        windows=content.windows if content else None,
        directions=wording.DIRECTIONS,
        release=release,
        release_rules=release.round.rulebook.content.rules() if release else None,
        contrasts=list_contrasts(release.scorecard) if release else [],
        patterns=patterns,
    )
