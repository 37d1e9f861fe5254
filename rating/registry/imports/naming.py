"""Names where codes are asked: a name that only one record has is as good as its code, and what has no code gets one.

A row without a code is the record of that name in its place (a company: in the city); only where there is none is it
new. So the same file again doubles nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rating.registry.imports.known import Entry, Known, bare_name
from rating.registry.schemas import SheetForm
from rating.workbooks.cells import Odd, OddKind, clean, fold, is_nothing

LONGEST_CODE = 20
WITHIN = {"communities": "subdistrict", "estates": "community"}
# How a new code begins where its place has none to begin with.
FIRST_SIGNS = {"subdistricts": "J", "communities": "SQ", "estates": "XQ", "companies": "LOCAL-"}
DIGITS = {"companies": 3}
_LOOKS_LIKE_A_CODE = re.compile(r"[A-Z0-9-]*")


class Names:
    """The names of the register and of the file's sheets so far, by the sheet's key."""

    def __init__(self, known: Known) -> None:
        self._codes: dict[str, set[str]] = {key: set(entries) for key, entries in known.entries.items()}
        self._by_name: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self._in_place: dict[tuple[str, str, str], str] = {}
        for key, entries in known.entries.items():
            for entry in entries.values():
                self._add(key, entry)

    def _add(self, key: str, entry: Entry) -> None:
        self._codes[key].add(entry.code)
        self._by_name[key][bare_name(entry.name)].add(entry.code)
        self._in_place.setdefault((key, entry.within, bare_name(entry.name)), entry.code)

    def code_for(self, key: str, cell: Any) -> Any:
        """The code that a reference means: a name's, where one record has it; a code stays as it is."""
        code = fold(cell).upper()
        if isinstance(cell, Odd) or code in self._codes.get(key, ()):
            return cell
        codes = sorted(self._by_name[key].get(bare_name(clean(cell)), ()))
        if len(codes) > 1:
            return Odd(OddKind.AMBIGUOUS, ", ".join(codes))
        if not codes and not _LOOKS_LIKE_A_CODE.fullmatch(code):
            return Odd(OddKind.UNKNOWN)
        return codes[0] if codes else cell

    def name_rows(self, form: SheetForm, rows: Sequence[Mapping[str, Any]]) -> dict[int, str]:
        """Take in a sheet's names; returns the codes of the rows that have none, by their places."""
        if "code" not in form.schema.fields:
            return {}
        found: dict[int, str] = {}
        without = []
        for place, cells in enumerate(rows):
            name, within = clean(cells.get("name")), self._within(form, cells)
            if "code" in cells:
                code = fold(cells["code"]).upper()
                self._codes[form.key].add(code)
                if name and within is not None:
                    self._add(form.key, Entry(code, name, within))
            elif name and within is not None:
                without.append((place, name, within))
        for place, name, within in without:
            code = self._in_place.get((form.key, within, bare_name(name))) or self._new_code(form.key, within)
            self._add(form.key, Entry(code, name, within))
            found[place] = code
        return found

    def _within(self, form: SheetForm, cells: Mapping[str, Any]) -> str | None:
        """The code of the place that a row is in; None where that can't be told."""
        column = WITHIN.get(form.key)
        if column is None:
            return ""
        code = self.code_for(dict(form.refers)[column], cells.get(column))
        return fold(code).upper() if isinstance(code, str) and fold(code) else None

    def _new_code(self, key: str, within: str) -> str:
        digits = DIGITS.get(key, 2)
        begins = within if within and len(within) + digits + 1 <= LONGEST_CODE else FIRST_SIGNS[key]
        return next(code for code in _numbered(begins, digits) if code not in self._codes[key])

    def with_codes(self, form: SheetForm, cells: Mapping[str, Any], code: str | None) -> dict[str, Any]:
        """A row's cells with the codes that its names mean, and its own."""
        found = {**cells, **({"code": code} if code else {})}
        for column, target in form.refers:
            if column in found and not is_nothing(found[column]):
                found[column] = self.code_for(target, found[column])
        return found


def _numbered(begins: str, digits: int) -> Iterator[str]:
    number = 0
    while True:
        number += 1
        yield f"{begins}{number:0{digits}d}"
