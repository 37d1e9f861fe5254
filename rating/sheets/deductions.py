"""Why a body took marks off: a reason for each deduction, and a picture or document at half marks or less.

The files that come with a sheet which isn't complete yet are kept anyway, so that nobody photographs a stairwell twice:
the page carries a signed note of each, valid for whoever handed it in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.datastructures import FileStorage, MultiDict

from rating.audit.files import ReadFile, keep_file, read_file
from rating.errors import Invalid
from rating.evaluations.masking import mask
from rating.evaluations.models import LONGEST_REASON
from rating.rulebooks.content import Indicator, Questionnaire
from rating.scoring import Direction
from rating.web.language import told
from rating.web.request import today
from rating.wording import _l

REASON, PHOTO, KEPT = "reason-", "photo-", "kept-"
NOTE_LASTS = 7 * 86_400  # seconds; a file that was handed in with a refused sheet is kept for longer
LOW_FOR_A_COMMITTEE = 2  # a company gives the facts behind a mark of 2 or less


@dataclass(slots=True)
class Given:
    """What was given for one indicator: its reason, its file, and what is wrong with them, in words."""

    reason: str = ""
    digest: str | None = None
    file_name: str = ""
    token: str = ""  # names the kept file in the page that follows
    reason_error: str = ""
    photo_error: str = ""


@dataclass(slots=True)
class Deductions:
    """What a sheet says about its deductions, by indicator key."""

    questionnaire: Questionnaire
    given: dict[str, Given] = field(default_factory=dict)

    def of(self, key: str) -> Given:
        """What was given for an indicator; empty on a fresh page."""
        return self.given.setdefault(key, Given())

    @property
    def errors(self) -> list[tuple[str, str]]:
        """(control's id, what is wrong) in the form's order."""
        found = [(i.key, self.of(i.key)) for i in self.questionnaire.indicators]
        return [
            (f"{prefix}{key}", error)
            for key, one in found
            for prefix, error in ((REASON, one.reason_error), (PHOTO, one.photo_error))
            if error
        ]

    def check(self, answers: Mapping[str, int | str]) -> bool:
        """Whether every deduction has what it needs; what is missing is said beside its control."""
        for indicator in self.questionnaire.indicators:
            one, mark = self.of(indicator.key), answers.get(indicator.key)
            if needs_reason(self.questionnaire, indicator, mark) and not one.reason:
                one.reason_error = told(_l("Say where and why marks came off."))
            if needs_photo(self.questionnaire, indicator, mark) and one.digest is None and not one.photo_error:
                one.photo_error = told(_l("At half marks or less a photo or document is needed."))
        return not self.errors

    def rows(self, answers: Mapping[str, int | str]) -> list[tuple[str, str, str | None]]:
        """(indicator, reason, digest of its file) of the lines that say something and carry a mark."""
        return [
            (key, one.reason, one.digest)
            for key, one in self.given.items()
            if one.reason and isinstance(answers.get(key), int)
        ]


def needs_reason(questionnaire: Questionnaire, indicator: Indicator, mark: int | str | None) -> bool:
    """Any deduction on site, any mark of 2 or less from a company."""
    if not isinstance(mark, int):
        return False
    if questionnaire.direction is Direction.COMPANY_TO_COMMITTEE:
        return mark <= LOW_FOR_A_COMMITTEE
    return mark < indicator.highest


def needs_photo(questionnaire: Questionnaire, indicator: Indicator, mark: int | str | None) -> bool:
    """Half marks or less, from a committee or community on site."""
    on_site = questionnaire.direction is Direction.COMMITTEE_TO_COMPANY
    return on_site and isinstance(mark, int) and 2 * mark <= indicator.highest


def read_deductions(
    questionnaire: Questionnaire,
    form: Mapping[str, str],
    files: MultiDict[str, FileStorage] | Mapping[str, FileStorage],
    secret: str,
    user_id: int | None,
) -> Deductions:
    """The reasons and files of a handed-in sheet. New files are stored at once; the caller commits.

    Call it outside a transaction: one begins only when all pictures have been read.
    """
    read = Deductions(questionnaire)
    notes = URLSafeTimedSerializer(secret, salt="kept file")
    for indicator in questionnaire.indicators:
        one = read.of(indicator.key)
        one.reason = form.get(REASON + indicator.key, "").strip()
        if len(one.reason) > LONGEST_REASON:
            one.reason_error = told(_l("Please keep it within %(n)s characters.", n=LONGEST_REASON))
        else:
            one.reason = mask(one.reason, doors=False)
        _remember(one, form.get(KEPT + indicator.key, ""), notes, user_id)
    new = _read_photos(read, files) if questionnaire.direction is Direction.COMMITTEE_TO_COMPANY else []
    for one, name, file in new:
        one.digest, one.file_name = keep_file(file, today()).digest, name
        one.token = str(notes.dumps([one.digest, one.file_name, user_id]))
    return read


def _remember(one: Given, token: str, notes: URLSafeTimedSerializer, user_id: int | None) -> None:
    try:
        digest, name, whose = notes.loads(token, max_age=NOTE_LASTS)
    except (BadSignature, ValueError, TypeError):
        return
    if whose == user_id:
        one.digest, one.file_name, one.token = digest, name, token


def _read_photos(
    read: Deductions, files: MultiDict[str, FileStorage] | Mapping[str, FileStorage]
) -> list[tuple[Given, str, ReadFile]]:
    """The new files as they will be kept, each with its line and name; an error is said beside its control."""
    found = []
    for indicator in read.questionnaire.indicators:
        one, file = read.of(indicator.key), files.get(PHOTO + indicator.key)
        if file is None or not file.filename:
            continue
        try:
            found.append((one, str(file.filename)[-80:], read_file(file.stream.read())))
        except Invalid as error:
            one.photo_error = told(error.message)
    return found
