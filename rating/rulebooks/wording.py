"""A rulebook's settings, windows and fields in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _, lazy_gettext as _t

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
POINTS = _t("points")
DAYS = _t("days")
WORKING_DAYS = _t("working days")
MONTHS = _t("months")
YEARS = _t("years")

SETTINGS: Mapping[str, Setting] = {
    "direction_weights": Setting(
        _t("Weight of each side"), _t("How much each side’s ratings count in a company’s score.")
    ),
    "red": Setting(
        _t("Red list from"), _t("A company is red only if even the lower end of its margin reaches this."), POINTS
    ),
    "red_share": Setting(
        _t("Red list at most"), _t("No more than this share of the companies with a result is red."), PERCENT
    ),
    "max_uncovered_red": Setting(
        _t("Red list: households without ratings at most"),
        _t("A company whose unrated estates have more households than this is not red."),
        PERCENT,
    ),
    "black": Setting(
        _t("Black list below"), _t("A company is black only if even the upper end of its margin is below this."), POINTS
    ),
    "watch": Setting(_t("Watch below"), _t("A score below this, without regard to its margin, is watched."), POINTS),
    "nonresponse_margin": Setting(
        _t("Listing must survive silent households that differ by"),
        _t("If silent households that think differently by this much would change a listing, there is none."),
        POINTS,
    ),
    "max_half_width": Setting(
        _t("Margin at most"), _t("With a wider margin there is too little data for a result."), POINTS
    ),
    "min_sample": Setting(
        _t("Evaluations a company needs"), _t("With fewer there is too little data; small companies need fewer.")
    ),
    "min_sample_share": Setting(
        _t("Small companies: share of households needed"),
        _t("A company of few households needs evaluations from this share of them instead."),
        PERCENT,
    ),
    "min_sample_floor": Setting(
        _t("Small companies: evaluations needed at least"), _t("No company gets a result with fewer than these.")
    ),
    "min_coverage": Setting(
        _t("Households that each side must cover"),
        _t("Where the estates that a side rated have less than this share of the households, that side is missing."),
        PERCENT,
    ),
    "min_cell": Setting(
        _t("Evaluations an estate needs for its figures to be shown"),
        _t("Estates with fewer are put together before anything is computed."),
    ),
    "min_outside": Setting(
        _t("Evaluations that others give to a group of small estates"),
        _t("For every estate in a group, at least this many must come from the others in it."),
    ),
    "min_marked_share": Setting(
        _t("Marks that an evaluation needs"),
        _t("Share of the weight that carries marks; a form with less is given back to be filled in."),
        PERCENT,
    ),
    "min_days_served": Setting(
        _t("Days served to be rated"), _t("A company that served an estate for fewer days is not rated there."), DAYS
    ),
    "min_committee_raters": Setting(
        _t("Companies that must rate a committee"),
        _t("With fewer, what companies say about a committee is not shown, so that none can be picked out."),
    ),
    "adjustments_cap": Setting(
        _t("Additions and deductions at most"), _t("All of a company’s additions and deductions together."), POINTS
    ),
    "interval": Setting(
        _t("How the margin is drawn"), _t("On the logit scale it never leaves 0 to 100; linear is symmetric.")
    ),
    "level": Setting(
        _t("Certainty of each end of the margin"), _t("One-sided: how often the true score lies inside this end."),
        PERCENT,
    ),
    "variance_prior": Setting(
        _t("Evaluations lent to small estates"),
        _t(
            "Where few evaluations came in, their spread is drawn toward the company’s, as if there were this many "
            "more."
        ),
    ),
    "rank_level": Setting(
        _t("Certainty of the range of ranks"), _t("How often a company’s true rank lies inside its range."), PERCENT
    ),
    "min_shrinkage_companies": Setting(
        _t("Companies needed to smooth ranks"), _t("With fewer companies the scores are compared as they are.")
    ),
    "min_between_variance": Setting(
        _t("Least variance between companies"), _t("Below this, companies count as alike when ranks are smoothed.")
    ),
    "gap_points": Setting(
        _t("A gap is wide beyond"),
        _t("Residents and on site differ by more than this on an estate: it is checked before the scorecard freezes."),
        POINTS,
    ),
    "gap_evaluations": Setting(
        _t("A gap is checked from"), _t("On estates with fewer evaluations by residents a gap may be chance.")
    ),
    "costliest_shown": Setting(
        _t("Indicators named that cost most"), _t("How many of them are shown beside a company’s result.")
    ),
    "fragility_step": Setting(
        _t("Weights are tried this much higher and lower"),
        _t("Out of 100: whether a listing would stand if the sides counted a little differently."),
        POINTS,
    ),
    "min_comparable_share": Setting(
        _t("Change since the last round: households needed"),
        _t("The estates with a result in both rounds must have this share of the company’s households."),
        PERCENT,
    ),
    "peer_new_below": Setting(
        _t("Peers: a new building is younger than"), _t("Estates are compared with those of their age."), YEARS
    ),
    "peer_old_above": Setting(
        _t("Peers: an old building is older than"), _t("Estates are compared with those of their age."), YEARS
    ),
    "min_peers": Setting(
        _t("Peers needed for a comparison"),
        _t("With fewer the fee is left out of account, then the age, then the lifts."),
    ),
    "contrast_quantile": Setting(
        _t("Quantile for those hard to reach"),
        _t("For the difference between late and early evaluations, and with and without a helper."),
    ),
    "min_untalked": Setting(
        _t("Companies without a talk needed for comparison"),
        _t("With fewer, too little is known to say what a talk brought about."),
    ),
    "low_indicator": Setting(
        _t("An indicator is low below"), _t("Share of its highest mark, for the city’s common problems."), PERCENT
    ),
    "common_one_in": Setting(
        _t("A common problem: one estate in"),
        _t("An indicator that is low in more of the estates than this is a common problem of the city."),
    ),
    "needed_quantile": Setting(
        _t("Quantile for “evaluations still needed”"), _t("How sure the forecast of evaluations still needed is.")
    ),
    "default_spread": Setting(
        _t("Spread assumed before any evaluation"), _t("Standard deviation of one evaluation, for that forecast."),
        POINTS,
    ),
    "lowest_spread": Setting(_t("Spread assumed at least"), _t("For that forecast."), POINTS),
    "highest_spread": Setting(_t("Spread assumed at most"), _t("For that forecast."), POINTS),
}  # fmt: skip

WINDOWS: Mapping[str, Setting] = {
    "open_days": Setting(_t("Ratings are taken for"), _t("A proposal when a round is drafted."), DAYS),
    "preview_working_days": Setting(
        _t("Preview"), _t("Companies, committees and communities see a result before it is published."), WORKING_DAYS
    ),
    "objection_working_days": Setting(
        _t("Answer to an objection"), _t("By somebody who took no part in the result."), WORKING_DAYS
    ),
    "correction_working_days": Setting(
        _t("Correction"), _t("From finding a mistake to the new release."), WORKING_DAYS
    ),
    "display_months": Setting(
        _t("Lists are shown for"), _t("Afterwards they are in the archive only."), MONTHS
    ),
    "talk_working_days": Setting(
        _t("Talk with a black-listed company"), _t("From the release to the talk."), WORKING_DAYS
    ),
    "talk_notice_working_days": Setting(
        _t("Notice of a talk"), _t("Served at least this long before it."), WORKING_DAYS
    ),
    "urgent_days": Setting(_t("To remedy what is urgent"), _t("At most, from the day of the promise."), DAYS),
    "hazardous_days": Setting(_t("To remedy a hazard"), _t("At most, from the day of the promise."), DAYS),
    "ordinary_days": Setting(_t("To remedy what is ordinary"), _t("At most, from the day of the promise."), DAYS),
    "fund_days": Setting(
        _t("To remedy what needs the repair fund"),
        _t("At most, from the day of the promise; the owners vote on it first."),
        DAYS,
    ),
    "reinspection_days": Setting(
        _t("Re-inspection"),
        _t("At least this long after a commitment is reported done; the day after where it is urgent or a hazard."),
        DAYS,
    ),
}  # fmt: skip

DIRECTIONS = {
    Direction.RESIDENT_TO_COMPANY: _t("Residents rate the company"),
    Direction.COMMITTEE_TO_COMPANY: _t("Committee and community rate the company on site"),
    Direction.COMPANY_TO_COMMITTEE: _t("The company rates the committee and the community"),
    Direction.COMPANY_SELF: _t("The company rates itself"),
}
METHODS = {
    "look": _t("by looking"),
    "records": _t("from records"),
    "test": _t("by testing"),
    "ask": _t("by asking"),
}
INTERVALS = {IntervalMethod.LOGIT: _t("on the logit scale"), IntervalMethod.LINEAR: _t("linear")}

FIELDS = {
    "title": _t("Title"),
    "preface": _t("Preface"),
    "text": _t("Text"),
    "hint": _t("Explanation"),
    "highest": _t("Highest mark"),
    "lowest": _t("Lowest mark"),
    "zero": _t("Mark that earns nothing"),
    "weight": _t("Weight"),
    "method": _t("How it is found"),
    "applies_if": _t("Only where the estate has"),
    "order": _t("Order"),
    "label": _t("Word for mark"),
    "no_mark": _t("Answer without a mark"),
    "dimension": _t("Section"),
    "comment": _t("Question for free text"),
    "comment_hint": _t("Explanation of the free text"),
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
