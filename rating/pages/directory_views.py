"""The directory that everybody can read: companies and estates."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _

from rating.access import PUBLIC, allow
from rating.cases.effects import list_outcomes
from rating.errors import NotFound
from rating.explanations.told import tell_company
from rating.pages.queries import (
    companies_with,
    find_entry,
    find_shown_release,
    list_branches,
    list_served_estates,
    list_shown_history,
    standings_of,
    tell_estate,
)
from rating.registry.queries import (
    RegisterFilter,
    count_estates_served,
    current_companies,
    estates_of,
    get_company,
    get_estate,
    list_communities,
    list_subdistricts,
)
from rating.releases.models import Release
from rating.releases.queries import find_current_release
from rating.results.queries import read_scorecard
from rating.results.wording import has_left_out, name_costs, name_dimensions, name_marks
from rating.scoring import Direction, Standing
from rating.web.addresses import tidied
from rating.web.caching import let_caches_keep
from rating.web.errors import error_page
from rating.web.language import told
from rating.web.paging import paginate
from rating.web.request import today

bp = Blueprint("directory", __name__)
bp.after_request(let_caches_keep)

SIDES = (Direction.RESIDENT_TO_COMPANY, Direction.COMMITTEE_TO_COMPANY)


@bp.errorhandler(NotFound)
def not_found(error: NotFound) -> Any:
    """The page for a company or estate that doesn't exist: says so, and where to look."""
    actions = [
        (_("Search estates and companies"), url_for("pages.find")),
        (_("All companies"), url_for(".companies")),
        (_("All estates"), url_for(".estates")),
    ]
    return tidied() or error_page(404, told(error.message), _("Not found"), actions=actions)


def _wanted() -> RegisterFilter:
    asked = request.args
    return RegisterFilter(
        text=asked.get("q", "").strip()[:80],
        subdistrict=asked.get("subdistrict", ""),
        community=asked.get("community", ""),
    )


def _asked_standing() -> Standing | None:
    asked = request.args.get("standing", "")
    return Standing(asked) if asked in list(Standing) else None


# ---- companies


@bp.get("/companies")
@allow(PUBLIC)
def companies() -> str:
    """All companies, by words, sub-district and standing."""
    wanted, release, standing = _wanted(), find_shown_release(today()), _asked_standing()
    page = paginate(companies_with(wanted, today(), release, standing))
    return render_template(
        "pages/companies.html",
        page=page,
        wanted=wanted,
        standing=standing,
        standings=list(Standing),
        release=release,
        listings=standings_of(page.items, release),
        estates=count_estates_served(page.items, today()),
        subdistricts=list_subdistricts(),
    )


@bp.get("/companies/<code>")
@allow(PUBLIC)
def company(code: str) -> str:
    """One company: its standing, why, what followed, how it was rated before, which estates it serves."""
    found = get_company(code)
    release = find_shown_release(today())
    history = list_shown_history(found, today())
    return render_template(
        "pages/company.html",
        company=found,
        branches=list_branches(found),
        latest=find_current_release(today()),
        history=history,
        outcomes=list_outcomes(history),
        served=list_served_estates(found, release, today()),
        **_standing(found, release),
    )


def _standing(found: Any, release: Release | None) -> dict[str, Any]:
    entry = find_entry(release, found, today()) if release else None
    if release is None or entry is None:
        return {"release": release, "entry": None}
    content, card = release.round.rulebook.content, entry.listing.card
    return {
        "release": release,
        "entry": entry,
        "rules": content.rules(),
        "city": read_scorecard(release.scorecard).city,
        "costs": name_costs(card.costliest, content),
        "beside": tell_company(release.scorecard, found.code),
        "dimensions": [(side, name_dimensions(card, side, content)) for side in SIDES],
    }


# ---- estates


@bp.get("/estates")
@allow(PUBLIC)
def estates() -> str:
    """All estates, by words, sub-district and community."""
    wanted = _wanted()
    page = paginate(estates_of(wanted))
    return render_template(
        "pages/estates.html",
        page=page,
        wanted=wanted,
        companies=current_companies(page.items, today()),
        subdistricts=list_subdistricts(),
        communities=list_communities(),
    )


@bp.get("/estates/<code>")
@allow(PUBLIC)
def estate(code: str) -> str:
    """One estate: who serves it, how to take part, whom to call, its last result."""
    story = tell_estate(get_estate(code), today())
    content = story.release.round.rulebook.content if story.release else None
    card = story.card
    return render_template(
        "pages/estate.html",
        story=story,
        rules=content.rules() if content else None,
        dimensions=[(side, name_dimensions(card, side, content)) for side in SIDES] if card and content else [],
        marks=name_marks(story.marks, content) if story.marks and content else [],
        left_out=has_left_out(story.marks, content) if story.marks is not None and content else False,
    )
