"""The register's sheets: the one place that says what may be imported, and what a form of a record allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rating.registry.row_schemas import (
    CommitteeRow,
    CommunityRow,
    CompanyRow,
    ContractRow,
    EstateRow,
    SheetSchema,
    SubdistrictRow,
)
from rating.wording import Label


@dataclass(frozen=True, slots=True)
class SheetForm:
    """A sheet of the import: its names, its row's schema, what identifies a row, and what its columns refer to."""

    key: str
    label: Label
    schema: SheetSchema
    identity: tuple[str, ...]
    refers: tuple[tuple[str, str], ...] = ()

    @property
    def labels(self) -> dict[str, Label]:
        """What each column is called, in the sheet's order."""
        return {name: self.column_label(name) for name in self.schema.fields}

    @property
    def columns(self) -> dict[str, Any]:
        """The metadata of each column, in the sheet's order."""
        return {name: field.metadata for name, field in self.schema.fields.items()}

    def is_required(self, name: str) -> bool:
        """Whether every row must fill this column."""
        return self.schema.fields[name].required

    def needs_column(self, name: str) -> bool:
        """Whether a sheet without this column can't be read; a row without a code is known by its name."""
        return self.is_required(name) and not (name == "code" and "name" in self.schema.fields)

    def column_label(self, name: str) -> Label:
        """What a column is called."""
        label: Label = self.schema.fields[name].metadata["label"]
        return label


SHEETS = (
    SheetForm("subdistricts", Label("街道", "Sub-districts"), SubdistrictRow(), ("code",)),
    SheetForm(
        "communities", Label("社区", "Communities"), CommunityRow(), ("code",), (("subdistrict", "subdistricts"),)
    ),
    SheetForm("estates", Label("小区", "Estates"), EstateRow(), ("code",), (("community", "communities"),)),
    SheetForm("companies", Label("企业", "Companies"), CompanyRow(), ("code",), (("parent", "companies"),)),
    SheetForm(
        "contracts",
        Label("合同", "Contracts"),
        ContractRow(),
        ("estate", "company", "starts_on"),
        (("estate", "estates"), ("company", "companies")),
    ),
    SheetForm("committees", Label("物管会", "Committees"), CommitteeRow(), ("estate",), (("estate", "estates"),)),
)
SHEET = {form.key: form for form in SHEETS}
