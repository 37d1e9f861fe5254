"""The domain's sentences, before a language is chosen.

Services raise and return them; the web side translates them (web.told), the command line prints them as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Message:
    """An English sentence with %(name)s places, which is also the key of its translation."""

    text: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text % self.values if self.values else self.text


def _l(text: str, **values: object) -> Message:
    """A sentence to be translated later; named so that it is found when translations are gathered."""
    return Message(text, values)


@dataclass(frozen=True, slots=True)
class Label:
    """A short name in both languages, for what people also write themselves: sheets and columns of a workbook."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.en
