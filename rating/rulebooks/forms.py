"""Forms of the rulebooks' pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _t
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the published types lag behind

from rating.rulebooks.models import Rulebook
from rating.rulebooks.reading import LARGEST
from rating.web.fields import AddressForm, PageForm
from rating.web.language import said


class LoadForm(PageForm):
    """A rulebook as a YAML file."""

    file = FileField(
        _t("Rulebook file (.yaml)"), [FileRequired(_t("Choose a file."))], render_kw={"accept": ".yaml,.yml"}
    )

    text = ""

    def validate_file(self, field: Any) -> None:
        """Say what is wrong with the file as such; keep its text."""
        content = field.data.stream.read(LARGEST + 1)
        if not content:
            raise ValidationError(_t("The file is empty."))
        if len(content) > LARGEST:
            raise ValidationError(_t("The file is larger than %(n)s KB.", n=LARGEST // 1024))
        try:
            self.text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise ValidationError(_t("The file is not text in UTF-8.")) from None

    def close(self) -> None:
        """Close the file; a large one takes space on the disk until then."""
        if self.file.data:
            self.file.data.close()


class CompareForm(AddressForm):
    """Two versions, from the address."""

    old = SelectField(_t("Before"), validate_choice=False)
    new = SelectField(_t("Now"), validate_choice=False)

    def offer(self, rulebooks: Iterable[Rulebook]) -> CompareForm:
        """Offer these versions."""
        choices = [
            SelectChoice(name_of(one), f"{one.key} {one.version} · {said(one.content.title)}") for one in rulebooks
        ]
        self.old.choices = self.new.choices = choices
        return self


def name_of(rulebook: Rulebook) -> str:
    """A version as written in an address: 'default-2' (a key contains no hyphen)."""
    return f"{rulebook.key}-{rulebook.version}"
