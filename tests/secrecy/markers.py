"""A thousand things that name a person or a household, each of them nowhere else in the world."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from enum import StrEnum

from stdnum.cn import ric


class What(StrEnum):
    """What a marker is."""

    PHONE = "phone"
    NAME = "name"
    DOOR = "door"
    ADDRESS = "address"
    IDENTITY = "identity"


EACH = 200
MASKED = (What.PHONE, What.IDENTITY, What.DOOR)  # in a resident's own free text


def _phone(dice: random.Random) -> str:
    return f"1{dice.choice('3456789')}{dice.randrange(10**9):09}"


def _name(dice: random.Random) -> str:
    return "".join(chr(dice.randrange(0x7A00, 0x9E00)) for _ in range(4))  # rarer than any name


def _door(dice: random.Random) -> str:
    return f"{dice.randrange(10, 99)}号楼{dice.randrange(1, 9)}单元{dice.randrange(1, 34)}{dice.randrange(1, 12):02}室"


def _address(dice: random.Random) -> str:
    return f"{_name(dice)}路{dice.randrange(100, 999)}弄"


def _identity(dice: random.Random) -> str:
    birthday = f"19{dice.randrange(40, 99)}{dice.randrange(1, 12):02}{dice.randrange(1, 28):02}"
    front = f"110101{birthday}{dice.randrange(1000):03}"
    return front + ric.calc_check_digit(front)


MAKERS = {
    What.PHONE: _phone,
    What.NAME: _name,
    What.DOOR: _door,
    What.ADDRESS: _address,
    What.IDENTITY: _identity,
}


@dataclass
class Markers:
    """The markers, given out one by one; `sent` is what somebody has sent, by the way it went."""

    left: dict[What, list[str]]
    sent: dict[str, list[str]] = field(default_factory=dict)

    def take(self, way: str, *kinds: What) -> str:
        """A marker that nobody has had, of these kinds or of any: one of those of which most are left."""
        most = max(kinds or What, key=lambda kind: len(self.left[kind]))
        marker = self.left[most].pop()
        self.sent.setdefault(way, []).append(marker)
        return marker

    @property
    def all_sent(self) -> list[str]:
        """Everything that was sent."""
        return [marker for some in self.sent.values() for marker in some]

    def __len__(self) -> int:
        return sum(map(len, self.left.values()))


def make_markers(seed: int = 4) -> Markers:
    """A thousand of them, all different."""
    dice = random.Random(seed)
    left: dict[What, list[str]] = {}
    for kind, make in MAKERS.items():
        some: dict[str, None] = {}
        while len(some) < EACH:
            some[make(dice)] = None
        left[kind] = list(some)
    return Markers(left)
