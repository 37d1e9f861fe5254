"""The form with which a workbook or tables are chosen."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _t
from wtforms import ValidationError

from rating.web.fields import FilesField, PageForm

LARGEST = 10 * 1024 * 1024
ACCEPTED = (".xlsx", ".csv")


class ImportForm(PageForm):
    """One .xlsx workbook, or .csv files."""

    files = FilesField(_t("Workbook (.xlsx) or tables (.csv)"), render_kw={"accept": ".xlsx,.csv"})

    def validate_files(self, field: Any) -> None:
        """Say what is wrong with the choice of files: none, another kind, mixed, empty or too large."""
        names = [str(file.filename).casefold() for file in self.files.chosen]
        if not names:
            raise ValidationError(_t("Choose a file."))
        if not all(name.endswith(ACCEPTED) for name in names):
            raise ValidationError(_t("Choose an .xlsx workbook or .csv files. Save an .xls file as .xlsx first."))
        if len(names) > 1 and any(name.endswith(".xlsx") for name in names):
            raise ValidationError(_t("Choose one workbook, or several .csv files, not both."))
        sizes = self.files.sizes
        if sum(sizes) > LARGEST:
            raise ValidationError(_t("The files are larger than 10 MB."))
        if not all(sizes):
            raise ValidationError(_t("The file is empty."))
