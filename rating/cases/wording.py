"""What states, parties and kinds are called on pages and in exports."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from flask_babel import gettext, lazy_gettext as _t, ngettext
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the published types lag behind

from rating.cases.commitment_rules import longest_days
from rating.cases.models import Attendance, CommitmentKind, CommitmentState, Party, TalkForm, TalkState
from rating.rulebooks.content import RulebookContent, Windows
from rating.scoring import Direction
from rating.web.language import said

WORDS: dict[type[StrEnum], dict[Any, Any]] = {
    TalkState: {
        TalkState.NOTIFIED: _t("Notice served"),
        TalkState.POSTPONED: _t("Postponed once"),
        TalkState.HELD: _t("Talk held"),
        TalkState.ABSENT: _t("Did not come"),
    },
    TalkForm: {TalkForm.IN_PERSON: _t("Face to face"), TalkForm.VIDEO: _t("By video")},
    Attendance: {
        Attendance.HEAD: _t("The company's head came"),
        Attendance.AUTHORISED: _t("Somebody with the head's written authority came"),
    },
    Party: {
        Party.COMPANY: _t("Company"),
        Party.COMMITTEE: _t("Committee"),
        Party.COMMUNITY: _t("Community"),
        Party.HANDED_OVER: _t("Handed over to another body"),
    },
    CommitmentKind: {
        CommitmentKind.URGENT: _t("Urgent"),
        CommitmentKind.HAZARDOUS: _t("Dangerous: made safe within 24 hours, then repaired"),
        CommitmentKind.ORDINARY: _t("Ordinary"),
        CommitmentKind.FUND: _t("Needs a vote on the maintenance fund"),
    },
    CommitmentState: {
        CommitmentState.OPEN: _t("In progress"),
        CommitmentState.DONE: _t("Reported done, not yet re-inspected"),
        CommitmentState.VERIFIED: _t("Verified on re-inspection"),
        CommitmentState.OVERDUE: _t("Overdue"),
    },
}


def word(value: StrEnum | None) -> str:
    """What a state, party or kind of this room is called in the current language."""
    return "" if value is None else str(WORDS[type(value)][value])


def option(value: str, words: Any) -> SelectChoice:
    """One of the choices of a form's field."""
    return SelectChoice(value, words)


def choices(kind: type[StrEnum]) -> list[SelectChoice]:
    """All members with their words, in their order, for a field of a form."""
    return [option(str(member.value), text) for member, text in WORDS[kind].items()]


def kind_choices(windows: Windows) -> list[SelectChoice]:
    """The kinds of commitments, each with the longest time that a rulebook gives it in its words."""
    found = []
    for kind in CommitmentKind:
        days = longest_days(kind, windows)
        words = ngettext("%(kind)s – %(num)d day at most", "%(kind)s – %(num)d days at most", days, kind=word(kind))
        found.append(option(kind.value, words))
    return found


def indicator_choices(content: RulebookContent) -> list[SelectChoice]:
    """'direction.key' with its words, of all that companies are rated on, in the order of the forms."""
    directions = (Direction.RESIDENT_TO_COMPANY, Direction.COMMITTEE_TO_COMPANY)
    return [
        option(f"{direction.value}.{indicator.key}", said(indicator.text))
        for direction in directions
        if direction in content.questionnaires
        for indicator in content.questionnaire(direction).indicators
    ]


def indicator_word(content: RulebookContent, indicator: str) -> str:
    """What a 'direction.key' is called; the key itself where the rulebook doesn't know it."""
    if not indicator:
        return str(gettext("Not about one indicator"))
    words = {str(choice.value): str(choice.label) for choice in indicator_choices(content)}
    return words.get(indicator, indicator)
