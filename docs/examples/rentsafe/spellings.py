"""Which names in a register are probably another name spelt differently, by rules that can be said in a sentence.

Names are compared without case, punctuation, spaces, plurals and legal forms ('Inc.', 'Ltd', 'Corporation'); what
then is the same is one name. Of what is left, three things are suspected: a word with a slip in it, initials, and a
name that begins another one. Nothing is decided here: a suspicion names the row and what it looks like.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from operator import ne

LEGAL_FORMS = frozenset(
    "CO COMPANY CORP CORPORATION INC INCORPORATED LIMITED LLP LP LTD LTEE PARTNERSHIP THE".split()  # noqa: SIM905  # a list of words reads best as one line
)
LONG_WORD = 5  # shorter words differ too easily by chance: EZ and OZ, DMI and DMS
LONG_NAME = 6
MOST_INITIALS = 5


class Likeness(StrEnum):
    """In what way a name looks like another."""

    SAME = "same"
    SLIP = "slip"
    INITIALS = "initials"
    BEGINNING = "beginning"


@dataclass(frozen=True, slots=True)
class Suspicion:
    """`name` looks like `like`, which `rows` rows of the register say."""

    name: str
    likeness: Likeness
    like: str
    rows: int


@dataclass(frozen=True, slots=True)
class _Group:
    """Names that are one name but for spelling; the first is the one that most rows use."""

    words: tuple[str, ...]
    names: tuple[str, ...]
    rows: int

    @property
    def name(self) -> str:
        return self.names[0]


def words_of(name: str) -> tuple[str, ...]:
    """The words that tell a name: capitals, no punctuation, no plural s, no legal forms, 'and' for '&'."""
    text = unicodedata.normalize("NFKC", name).upper().removeprefix("C/O ")
    text = re.sub(r"\b(\w)\.(?=\w\b)", r"\1", text).replace("'", "").replace("’", "")
    text = re.sub(r"[&+]", " AND ", text)
    words = [_singular(word) for word in re.findall(r"\w+", text)]
    return tuple(word for word in words if not _is_legal_form(word)) or tuple(words)


def key_of(name: str) -> str:
    """What is the same for all spellings of one name."""
    return re.sub(r"(?<=\w{6})(LTD|INC)$", "", "".join(words_of(name)))


def _singular(word: str) -> str:
    if word.endswith("IES") and len(word) > LONG_WORD:
        return word[:-3] + "Y"
    return word[:-1] if word.endswith("S") and not word.endswith("SS") and len(word) > LONG_WORD else word


def _is_legal_form(word: str) -> bool:
    """A legal form, also with a slip in it if it is long enough to be known by the rest."""
    return word in LEGAL_FORMS or any(len(form) > LONG_WORD and _slips(word, form) == 1 for form in LEGAL_FORMS)


def find_suspicions(names: Iterable[str]) -> dict[str, Suspicion]:
    """The names that look like another one, each with the commonest that it looks like; `names` has one a row."""
    rows = Counter(names)
    groups = _group(rows)
    frequency = Counter[str]()
    for group in groups:
        frequency.update(dict.fromkeys(set(group.words), group.rows))
    found: dict[str, Suspicion] = {}
    for group in groups:
        suspicion = _suspect(group, groups, frequency)
        for name in group.names:
            if suspicion is not None:
                found[name] = Suspicion(name, suspicion[0], suspicion[1].name, suspicion[1].rows)
            elif name != group.name:
                found[name] = Suspicion(name, Likeness.SAME, group.name, rows[group.name])
    return found


def _group(rows: Mapping[str, int]) -> list[_Group]:
    """One group a key, the commonest first."""
    by_key: dict[str, list[str]] = defaultdict(list)
    for name in sorted(rows, key=lambda name: (-rows[name], name)):
        by_key[key_of(name)].append(name)
    groups = [_Group(words_of(names[0]), tuple(names), sum(rows[n] for n in names)) for names in by_key.values()]
    return sorted(groups, key=lambda group: (-group.rows, group.name))


def _suspect(group: _Group, groups: list[_Group], frequency: Mapping[str, int]) -> tuple[Likeness, _Group] | None:
    """The first likeness of a group to another, the commonest of those that it has it to."""
    others = [other for other in groups if other is not group]
    alike = (
        (Likeness.SLIP, (other for other in others if _is_slip(group, other, frequency))),
        (Likeness.INITIALS, (other for other in others if _is_initials(group, other))),
        (Likeness.BEGINNING, (other for other in others if _is_rarer(group, other) and _is_beginning(group, other))),
    )
    return next(((likeness, other) for likeness, found in alike for other in found), None)


def _is_rarer(group: _Group, other: _Group) -> bool:
    """Of two alike, the one that fewer rows say; of equals the longer."""
    return (group.rows, -len(group.name), group.name) < (other.rows, -len(other.name), other.name)


def _is_slip(group: _Group, other: _Group, frequency: Mapping[str, int]) -> bool:
    """One word differs by a slip or two, and is the rarer word of the two in the whole register."""
    if len(group.words) != len(other.words) or sum(map(ne, group.words, other.words)) != 1:
        return False
    mine, theirs = next(pair for pair in zip(group.words, other.words, strict=True) if pair[0] != pair[1])
    shorter = min(len(mine), len(theirs))
    if shorter < LONG_WORD or mine.isdecimal() or theirs.isdecimal():
        return False
    if _slips(mine, theirs) > (2 if shorter > LONG_WORD + 2 else 1):
        return False
    return (frequency[mine], group.rows, group.name) < (frequency[theirs], other.rows, other.name)


def _is_initials(group: _Group, other: _Group) -> bool:
    if len(group.words) != 1 or not 2 < len(group.words[0]) <= MOST_INITIALS:
        return False
    letters = "".join(word[0] for word in other.words)
    return len(other.words) > 1 and group.words[0] == letters


def _is_beginning(group: _Group, other: _Group) -> bool:
    """The whole words of one begin the other."""
    short, long = sorted((group.words, other.words), key=len)
    return len("".join(short)) >= LONG_NAME and len(short) < len(long) and long[: len(short)] == short


def _slips(one: str, other: str) -> int:
    """How many letters are wrong, missing, too many or swapped with their neighbour."""
    if abs(len(one) - len(other)) > 2:
        return 3
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        before, last, row = row, before, [i]
        for j, wanted in enumerate(other, start=1):
            cost = min(before[j] + 1, row[-1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]
