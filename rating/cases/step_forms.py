"""What the forms of all steps share: each turns into a value that a service takes, and public texts name posts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _t
from wtforms import Field

from rating.calendar import SHANGHAI
from rating.web.fields import PageForm

POST_ONLY = _t("Posts, never names: this becomes public.")
INTERNAL = _t("Internal: never shown to the public. Names belong here.")

Group = tuple[Any, Any, tuple[str, ...]]


def given(field: Field) -> Any:
    """The value of a field that validation has found filled in."""
    return field.data


def moment_of(day: Field, hour: Field) -> datetime:
    """The moment of a day and an hour in Shanghai."""
    return datetime.combine(given(day), given(hour), SHANGHAI)


class StepForm(PageForm):
    """A form whose fields are in groups, in the order in which they are declared."""

    starts: tuple[tuple[Any, Any, str], ...] = ()  # legend, hint, the first field of each group

    @property
    def groups(self) -> Iterator[Group]:
        """Legend, hint and the names of its fields."""
        names = [name for name in self._fields if name != "csrf_token"]
        places = [names.index(first) for _legend, _hint, first in self.starts]
        for (legend, hint, _first), begin, end in zip(self.starts, places, [*places[1:], len(names)], strict=True):
            yield legend, hint, tuple(names[begin:end])

    def texts(self, kind: type[Any]) -> dict[str, Any]:
        """What was typed into the fields that a value of this kind takes as texts, by name."""
        wanted = [field.name for field in fields(kind) if field.type == "str"]
        return {name: self[name].data or "" for name in wanted}
