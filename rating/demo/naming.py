"""Names of estates: after the employer that built them, a place, a village, or whatever sells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

import numpy as np

from rating.demo import names
from rating.demo.drawing import cycle, pick
from rating.demo.names import Kind
from rating.demo.records import Community

_COMMUNITY_STEMS = {name[:-2] for place in names.PLACES for name in place.communities}


class Namer:
    """Gives estates names of their kind, none twice in the city, no stem twice in a community."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._used: set[tuple[str, str]] = set()
        self._pools = {key: self._pool(self._pairs(key, **words)) for key, words in names.ESTATE_NAMES.items()}

    def _pairs(self, key: str, stems: Sequence[str], endings: Sequence[str]) -> Iterable[tuple[str, str]]:
        """Stems with endings: each employer appears once in the city."""
        return zip(stems, cycle(self._rng, endings), strict=False) if key == "employer" else product(stems, endings)

    def _pool(self, pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        fitting = [(stem, ending) for stem, ending in pairs if _reads_well(stem, ending)]
        return [fitting[i] for i in self._rng.permutation(len(fitting))]

    def name_all(self, kinds: Sequence[Kind], community: Community) -> Iterator[tuple[Kind, str]]:
        """Names for a community's estates; now and then two of a kind are parts of one."""
        waiting = list(kinds)
        while waiting:
            kind = waiting.pop(0)
            name = self._name(kind, community)
            pair = kind.key != "employer" and waiting[:1] == [kind]
            if pair and self._rng.random() < 0.12:
                waiting.pop(0)
                for part in pick(self._rng, names.PHASES):
                    yield kind, name + part
            else:
                yield kind, name

    def _name(self, kind: Kind, community: Community) -> str:
        for key in (kind.key, "garden"):
            pool = self._pools[key]
            for position, (stem, ending) in enumerate(pool):
                if self._fits(stem, community):
                    del pool[position]
                    self._used.add((community.code, stem))
                    return stem + ending
        raise LookupError(f"no name left for an estate of the kind {kind.key}")

    def _fits(self, stem: str, community: Community) -> bool:
        """A name taken from another community's, or from its own twice, would mislead."""
        if (community.code, stem) in self._used:
            return False
        return stem not in _COMMUNITY_STEMS or stem == community.name[:-2]


def _reads_well(stem: str, ending: str) -> bool:
    """No character twice in a name, and 里 (lane) only behind a short one."""
    return not set(stem) & set(ending) and (ending != "里" or len(stem) == 2)
