"""The workbook for on-site evaluations of a round, a row for each of its estates."""

from __future__ import annotations

from rating.registry.imports.template import TemplateColumn, TemplateSheet, build_workbook
from rating.rounds.models import Round
from rating.rounds.queries import list_rated_estates
from rating.rulebooks.content import Indicator, Questionnaire
from rating.scoring import Direction
from rating.sheets.importing import ABSENT, RATERS, SHEET_LABEL, labels_of
from rating.wording import Label

NOTES = {
    "estate": (Label("已填好，不要改", "Filled in already; leave it as it is"), "QY0101"),
    "estate_name": (Label("已填好，只供核对", "Filled in already, to check by"), "柳荫花园"),
    "rater": (
        Label("物管会或社区；两方都评的，各占一行", "Committee or community; where both rate, each has a row"),
        RATERS["committee"].zh,
    ),
    "evaluated_on": (Label("到现场的日期", "The day of the visit"), "2026-09-10"),
}


def on_site_workbook(round_: Round, language: str) -> bytes:
    """The workbook of a round to fill in, headings in 'zh' or 'en'; untouched, it has nothing to import."""
    questionnaire = round_.rulebook.content.questionnaire(Direction.COMMITTEE_TO_COMPANY)
    labels = labels_of(questionnaire)
    raters = tuple(getattr(label, language) for label in RATERS.values())
    columns = [
        TemplateColumn(
            heading=getattr(labels[key], language),
            note=getattr(note, language),
            example=example,
            required=key != "estate_name",
            choices=raters if key == "rater" else (),
            number_format="yyyy-mm-dd" if key == "evaluated_on" else "@",
        )
        for key, (note, example) in NOTES.items()
    ]
    columns += [_column(indicator, questionnaire, labels, language) for indicator in questionnaire.indicators]
    rows = [(rated.estate.code, rated.estate.name) for rated in list_rated_estates(round_)]
    return build_workbook([TemplateSheet(getattr(SHEET_LABEL, language), tuple(columns), rows)], language)


def _column(
    indicator: Indicator, questionnaire: Questionnaire, labels: dict[str, Label], language: str
) -> TemplateColumn:
    heading = getattr(labels[indicator.key], language)
    named_twice = [getattr(label, language) for label in labels.values()].count(heading) > 1
    marks = [str(mark) for mark in questionnaire.choices(indicator)]
    allowed = Label(
        f"{marks[-1]}到{marks[0]}的整数；不涉及的不填",
        f"A whole mark from {marks[-1]} to {marks[0]}; empty where it does not apply",
    )
    hint = getattr(indicator.hint, language)
    return TemplateColumn(
        heading=indicator.key if named_twice else heading,
        note="\n".join(text for text in (getattr(allowed, language), hint) if text),
        example=marks[0],
        choices=(*marks, getattr(ABSENT, language)),
        number_format="General",
        width=10,
    )
