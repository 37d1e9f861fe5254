"""A rulebook's settings, windows and fields in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _, lazy_gettext as _l

from rating.registry.schemas import SHEET
from rating.scoring import Direction, IntervalMethod
from rating.web.language import language, said


@dataclass(frozen=True, slots=True)
class Setting:
    """What a setting is called, what it does, and its unit after the figure."""

    label: Any
    explained: Any
    unit: Any = ""


PERCENT = "%"
POINTS = _l("points")
DAYS = _l("days")
WORKING_DAYS = _l("working days")
MONTHS = _l("months")
YEARS = _l("years")

SETTINGS: Mapping[str, Setting] = {
    "direction_weights": Setting(
        _l("Weight of each side"), _l("How much each side’s ratings count in a company’s score.")
    ),
    "red": Setting(
        _l("Red list from"), _l("A company is red only if even the lower end of its margin reaches this."), POINTS
    ),
    "red_share": Setting(
        _l("Red list at most"), _l("No more than this share of the companies with a result is red."), PERCENT
    ),
    "max_uncovered_red": Setting(
        _l("Red list: households without ratings at most"),
        _l("A company whose unrated estates have more households than this is not red."),
        PERCENT,
    ),
    "black": Setting(
        _l("Black list below"), _l("A company is black only if even the upper end of its margin is below this."), POINTS
    ),
    "watch": Setting(_l("Watch below"), _l("A score below this, without regard to its margin, is watched."), POINTS),
    "nonresponse_margin": Setting(
        _l("Listing must survive silent households that differ by"),
        _l("If silent households that think differently by this much would change a listing, there is none."),
        POINTS,
    ),
    "max_half_width": Setting(
        _l("Margin at most"), _l("With a wider margin there is too little data for a result."), POINTS
    ),
    "min_sample": Setting(
        _l("Evaluations a company needs"), _l("With fewer there is too little data; small companies need fewer.")
    ),
    "min_sample_share": Setting(
        _l("Small companies: share of households needed"),
        _l("A company of few households needs evaluations from this share of them instead."),
        PERCENT,
    ),
    "min_sample_floor": Setting(
        _l("Small companies: evaluations needed at least"), _l("No company gets a result with fewer than these.")
    ),
    "min_coverage": Setting(
        _l("Households that each side must cover"),
        _l("Where the estates that a side rated have less than this share of the households, that side is missing."),
        PERCENT,
    ),
    "min_cell": Setting(
        _l("Evaluations an estate needs for its figures to be shown"),
        _l("Estates with fewer are put together before anything is computed."),
    ),
    "min_outside": Setting(
        _l("Evaluations that others give to a group of small estates"),
        _l("For every estate in a group, at least this many must come from the others in it."),
    ),
    "min_marked_share": Setting(
        _l("Marks that an evaluation needs"),
        _l("Share of the weight that carries marks; a form with less is given back to be filled in."),
        PERCENT,
    ),
    "min_days_served": Setting(
        _l("Days served to be rated"), _l("A company that served an estate for fewer days is not rated there."), DAYS
    ),
    "min_committee_raters": Setting(
        _l("Companies that must rate a committee"),
        _l("With fewer, what companies say about a committee is not shown, so that none can be picked out."),
    ),
    "adjustments_cap": Setting(
        _l("Additions and deductions at most"), _l("All of a company’s additions and deductions together."), POINTS
    ),
    "interval": Setting(
        _l("How the margin is drawn"), _l("On the logit scale it never leaves 0 to 100; linear is symmetric.")
    ),
    "level": Setting(
        _l("Certainty of each end of the margin"), _l("One-sided: how often the true score lies inside this end."),
        PERCENT,
    ),
    "variance_prior": Setting(
        _l("Evaluations lent to small estates"),
        _l(
            "Where few evaluations came in, their spread is drawn toward the company’s, as if there were this many "
            "more."
        ),
    ),
    "rank_level": Setting(
        _l("Certainty of the range of ranks"), _l("How often a company’s true rank lies inside its range."), PERCENT
    ),
    "min_shrinkage_companies": Setting(
        _l("Companies needed to smooth ranks"), _l("With fewer companies the scores are compared as they are.")
    ),
    "min_between_variance": Setting(
        _l("Least variance between companies"), _l("Below this, companies count as alike when ranks are smoothed.")
    ),
    "gap_points": Setting(
        _l("A gap is wide beyond"),
        _l("Residents and on site differ by more than this on an estate: it is checked before the scorecard freezes."),
        POINTS,
    ),
    "gap_evaluations": Setting(
        _l("A gap is checked from"), _l("On estates with fewer evaluations by residents a gap may be chance.")
    ),
    "costliest_shown": Setting(
        _l("Indicators named that cost most"), _l("How many of them are shown beside a company’s result.")
    ),
    "fragility_step": Setting(
        _l("Weights are tried this much higher and lower"),
        _l("Out of 100: whether a listing would stand if the sides counted a little differently."),
        POINTS,
    ),
    "min_comparable_share": Setting(
        _l("Change since the last round: households needed"),
        _l("The estates with a result in both rounds must have this share of the company’s households."),
        PERCENT,
    ),
    "peer_new_below": Setting(
        _l("Peers: a new building is younger than"), _l("Estates are compared with those of their age."), YEARS
    ),
    "peer_old_above": Setting(
        _l("Peers: an old building is older than"), _l("Estates are compared with those of their age."), YEARS
    ),
    "min_peers": Setting(
        _l("Peers needed for a comparison"),
        _l("With fewer the fee is left out of account, then the age, then the lifts."),
    ),
    "contrast_quantile": Setting(
        _l("Quantile for those hard to reach"),
        _l("For the difference between late and early evaluations, and with and without a helper."),
    ),
    "min_untalked": Setting(
        _l("Companies without a talk needed for comparison"),
        _l("With fewer, too little is known to say what a talk brought about."),
    ),
    "low_indicator": Setting(
        _l("An indicator is low below"), _l("Share of its highest mark, for the city’s common problems."), PERCENT
    ),
    "common_one_in": Setting(
        _l("A common problem: one estate in"),
        _l("An indicator that is low in more of the estates than this is a common problem of the city."),
    ),
    "needed_quantile": Setting(
        _l("Quantile for “evaluations still needed”"), _l("How sure the forecast of evaluations still needed is.")
    ),
    "default_spread": Setting(
        _l("Spread assumed before any evaluation"), _l("Standard deviation of one evaluation, for that forecast."),
        POINTS,
    ),
    "lowest_spread": Setting(_l("Spread assumed at least"), _l("For that forecast."), POINTS),
    "highest_spread": Setting(_l("Spread assumed at most"), _l("For that forecast."), POINTS),
}  # fmt: skip

WINDOWS: Mapping[str, Setting] = {
    "open_days": Setting(_l("Ratings are taken for"), _l("A proposal when a round is drafted."), DAYS),
    "preview_working_days": Setting(
        _l("Preview"), _l("Companies, committees and communities see a result before it is published."), WORKING_DAYS
    ),
    "objection_working_days": Setting(
        _l("Answer to an objection"), _l("By somebody who took no part in the result."), WORKING_DAYS
    ),
    "correction_working_days": Setting(
        _l("Correction"), _l("From finding a mistake to the new release."), WORKING_DAYS
    ),
    "display_months": Setting(
        _l("Lists are shown for"), _l("Afterwards they are in the archive only."), MONTHS
    ),
    "talk_working_days": Setting(
        _l("Talk with a black-listed company"), _l("From the release to the talk."), WORKING_DAYS
    ),
    "talk_notice_working_days": Setting(
        _l("Notice of a talk"), _l("Served at least this long before it."), WORKING_DAYS
    ),
    "urgent_days": Setting(_l("To remedy what is urgent"), _l("At most, from the day of the promise."), DAYS),
    "hazardous_days": Setting(_l("To remedy a hazard"), _l("At most, from the day of the promise."), DAYS),
    "ordinary_days": Setting(_l("To remedy what is ordinary"), _l("At most, from the day of the promise."), DAYS),
    "fund_days": Setting(
        _l("To remedy what needs the repair fund"),
        _l("At most, from the day of the promise; the owners vote on it first."),
        DAYS,
    ),
    "reinspection_days": Setting(
        _l("Re-inspection"),
        _l("At least this long after a commitment is reported done; the day after where it is urgent or a hazard."),
        DAYS,
    ),
}  # fmt: skip

DIRECTIONS = {
    Direction.RESIDENT_TO_COMPANY: _l("Residents rate the company"),
    Direction.COMMITTEE_TO_COMPANY: _l("Committee and community rate the company on site"),
    Direction.COMPANY_TO_COMMITTEE: _l("The company rates the committee and the community"),
    Direction.COMPANY_SELF: _l("The company rates itself"),
}
METHODS = {
    "look": _l("by looking"),
    "records": _l("from records"),
    "test": _l("by testing"),
    "ask": _l("by asking"),
}
INTERVALS = {IntervalMethod.LOGIT: _l("on the logit scale"), IntervalMethod.LINEAR: _l("linear")}

FIELDS = {
    "title": _l("Title"),
    "preface": _l("Preface"),
    "text": _l("Text"),
    "hint": _l("Explanation"),
    "highest": _l("Highest mark"),
    "lowest": _l("Lowest mark"),
    "zero": _l("Mark that earns nothing"),
    "weight": _l("Weight"),
    "method": _l("How it is found"),
    "applies_if": _l("Only where the estate has"),
    "order": _l("Order"),
    "label": _l("Word for mark"),
    "no_mark": _l("Answer without a mark"),
    "dimension": _l("Section"),
    "comment": _l("Question for free text"),
    "comment_hint": _l("Explanation of the free text"),
}


def setting_value(name: str, value: Any) -> str:
    """A setting's value in words, with its unit."""
    if value is None:
        return str(_("not there"))
    if isinstance(value, Mapping):
        return " · ".join(f"{DIRECTIONS[Direction(key)]}{_(': ')}{weight}" for key, weight in value.items())
    if isinstance(value, IntervalMethod):
        return str(INTERVALS[value])
    unit = str((SETTINGS.get(name) or WINDOWS[name]).unit)
    figure = f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
    space = " " if language() == "en" and unit != PERCENT else ""
    return f"{figure}{space}{unit}".strip()


def method_name(method: str) -> str:
    """How an on-site mark is found."""
    return str(METHODS.get(method, method))


def attribute_name(name: str) -> str:
    """An estate's attribute, as the register calls it."""
    schema = SHEET["estates"]
    return said(schema.column_label(name)) if name in schema.schema.fields else name


def field_name(name: str) -> str:
    """The name of a compared field in words, such as 'label 5.zh'."""
    base, _dot, code = name.partition(".")
    first, _space, rest = base.partition(" ")
    if rest == "max_length":
        return str(_("Longest free text"))
    words = " ".join(filter(None, (str(FIELDS.get(first, first)), rest)))
    in_language = {"zh": _("in Chinese"), "en": _("in English")}.get(code)
    return f"{words} · {in_language}" if in_language else words


def field_value(name: str, value: Any) -> str:
    """A compared field's value in words."""
    if value is None or value == "":
        return "–"
    if name == "method":
        return method_name(value)
    return attribute_name(value) if name == "applies_if" else str(value)


def is_written(document: Mapping[str, Any], name: str) -> bool:
    """Whether the file itself has this setting; else its default applies."""
    return name in document["scoring"] or name in document.get("gaps", {})
