"""Why marks came off on site in the demonstration, indicator by indicator, with a picture at half marks or less."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date

from PIL import Image, ImageDraw

from rating.audit.files import keep_file
from rating.demo.questionnaires import ON_SITE
from rating.rulebooks.content import Questionnaire
from rating.sheets.deductions import needs_photo, needs_reason

_REASONS = {one.key: one.reason for one in ON_SITE}
_OTHERWISE = "扣分地点见现场记录。"


def explain(
    asked: Questionnaire, answers: Mapping[str, int | str], estate_name: str, day: date
) -> list[tuple[str, str, str | None]]:
    """(indicator, reason, digest of its picture or None) for each mark that needs a reason."""
    low = [one for one in asked.indicators if needs_reason(asked, one, answers.get(one.key))]
    shown = {one.key for one in low if needs_photo(asked, one, answers.get(one.key))}
    photo = keep_file(_picture(estate_name), day).digest if shown else None
    return [(one.key, _REASONS.get(one.key, _OTHERWISE), photo if one.key in shown else None) for one in low]


def _picture(estate_name: str) -> bytes:
    """A picture that shows nothing but that it is one: a wall, a door, a patch; its colour is the estate's own."""
    tone = sum(estate_name.encode()) % 60
    drawn = Image.new("RGB", (320, 240), (150 + tone, 160, 170))
    pencil = ImageDraw.Draw(drawn)
    pencil.rectangle((0, 190, 320, 240), fill=(110, 105, 100))
    pencil.rectangle((120, 70, 200, 190), fill=(90, 60 + tone, 50))
    pencil.ellipse((225, 200, 285, 225), fill=(60, 60, 60))
    written = io.BytesIO()
    drawn.save(written, "PNG")
    return written.getvalue()
