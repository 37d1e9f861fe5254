"""What can be worked out of published figures: the whole attack, on the demonstration city and on random rounds.

The attacker of tests/attack knows what is public and is told more (which estates a group has, each estate's n).
SCALE=0.1 takes a tenth of the random rounds and keeps nothing. Words: docs/security/secrecy.md.
Run: .venv/bin/python -m tests.proofs.secrecy; about ten minutes on two quiet cores.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from pathlib import Path

from rating.config import ROOT
from rating.demo.loading import Loader
from rating.demo.timeline import at
from rating.extensions import db
from rating.web.request import code_key
from tests.attack.campaign import (
    Loot,
    attack_differences,
    attack_groups,
    attack_old,
    attack_ranges,
    attack_sheets,
    attack_twins,
    attack_unknown,
)
from tests.attack.city import list_publications
from tests.attack.towns import (
    CORRECTIONS,
    THREE,
    Publication,
    publish,
    publish_thrice,
    random_town,
    town_with_one_unknown,
)
from tests.proofs.figures import keep
from tests.proofs.ground import SCALE, say, scaled
from tests.support.clock import Clock
from tests.support.databases import Sqlite

PAGE = ROOT / "docs" / "security" / "secrecy.md"
TODAY = date(2026, 11, 22)
ROUNDS, BEFORE, CORRECTED, SHORT, UNKNOWN = scaled(300), scaled(100), scaled(32), scaled(50), scaled(1_000)
INDICATORS = 2  # of a random round whose ranges are measured; of the demonstration all
MOST_SHEETS = 25  # of a cell of the demonstration, those first that are least like the others


def main() -> int:
    """Attack, keep the figures, and say what was given away; 1 if anything was."""
    with ProcessPoolExecutor(2) as others:
        waiting = [
            gather(others.map(one, range(number), chunksize=4))
            for one, number in (
                (attack_round, ROUNDS),
                (attack_corrected, CORRECTED),
                (attack_forgotten, CORRECTED),
                (attack_one_unknown, UNKNOWN),
                (attack_short, SHORT),
            )
        ]
        say("secrecy: loading the demonstration")
        city = load_city()
        if any(publish(one.town).file != one.file for one in city):
            say("secrecy: what the demonstration published isn't what its answers give")
            return 1
        say("secrecy: attacking the demonstration; others attack random rounds")
        demonstration = Loot()
        for one in city:
            demonstration += attack_old(one.town)
            demonstration += attack(one, None, MOST_SHEETS)
        found = [demonstration, *(gathered() for gathered in waiting)]
    text = tell(*found)
    print(text)  # noqa: T201  # a program that is run by hand
    if SCALE >= 1:
        keep("secrecy", text, page=PAGE)
    demonstration, rounds, corrected, _, unknown, _ = found
    leaks = demonstration.leaks + rounds.leaks + corrected.leaks + unknown.leaks
    for leak in leaks:
        say(f"secrecy: given away: {leak}")
    return int(bool(leaks))


def gather(some: Iterable[Loot]) -> Callable[[], Loot]:
    """All that comes in, when it is asked for."""

    def wait() -> Loot:
        loot = Loot()
        for one in some:
            loot += one
        return loot

    return wait


def load_city() -> list[Publication]:
    """The demonstration's releases."""
    with tempfile.TemporaryDirectory(prefix="rating-proof-") as folder:
        clock = Clock()
        clock.set(at(TODAY))
        database = Sqlite(Path(folder), clock)
        database.empty()
        with database.app.app_context():
            Loader(TODAY, code_key(), lambda text: None).load()
            found = list_publications()
            db.session.rollback()
        database.close()
    return found


def attack(one: Publication, indicators: int | None, most: int | None) -> Loot:
    """Everything that is tried on a single publication."""
    loot = attack_groups(one)
    for found in (attack_twins([one]), attack_ranges([one], indicators), attack_sheets(one, most)):
        loot += found
    return loot


def attack_round(seed: int) -> Loot:
    """A random round; some of them as they used to be published, too."""
    town = random_town(seed)
    loot = attack(publish(town), INDICATORS, None)
    if seed < BEFORE:
        loot += attack_old(town)
    return loot


def attack_corrected(seed: int) -> Loot:
    """Two previews and a release of a round, as the office publishes them."""
    publications = _publish_thrice(seed, forgets=False)
    loot = attack_differences(publications)
    loot.numbers["held"] += sum(len(one.folding.frozen) for one in publications)
    for found in (attack_twins(publications), attack_ranges(publications, 1)):
        loot += found
    return loot


def attack_forgotten(seed: int) -> Loot:
    """The same where the office forgets what it showed."""
    return attack_differences(_publish_thrice(seed, forgets=True))


def _publish_thrice(seed: int, *, forgets: bool) -> list[Publication]:
    kinds = list(CORRECTIONS)
    chosen = [kinds[seed % len(kinds)], kinds[(3 * seed + 1) % len(kinds)]]
    return publish_thrice(random_town(seed), chosen, random.Random(seed), forgets=forgets)


def attack_one_unknown(seed: int) -> Loot:
    """An estate with one 'don't know'."""
    return attack_unknown(town_with_one_unknown(seed))


def attack_short(seed: int) -> Loot:
    """A round with three questions."""
    return attack_sheets(publish(random_town(seed, THREE)), 8)


def tell(demonstration: Loot, rounds: Loot, corrected: Loot, forgotten: Loot, unknown: Loot, short: Loot) -> str:
    """The figures as they stand on the page."""
    one, many, again = demonstration.numbers, rounds.numbers, corrected.numbers
    lost, dk, few = forgotten.numbers, unknown.numbers, short.numbers

    def means_before(n: dict[str, int]) -> str:
        return f"{n['old means told']:,} of {n['old hidden means']:,} ({n['old means told wrong']} wrong)"

    def means_now(loot: Loot) -> str:
        n, told = loot.numbers, sum("the mean of" in leak for leak in loot.leaks)
        return f"{told} of {n['hidden means']:,}; {n['means told, all marks alike']} where all marks are alike"

    def sheets(n: dict[str, int]) -> str:
        alike = n["sheets told, all answers to an indicator alike"] + n["sheets told, of three households or more"]
        return f"{n['sheets told']} of {n['sheets looked for']:,}; {alike} where nearly all are alike"

    def twins(n: dict[str, int]) -> str:
        return f"{n['twins published']:,}, standing for {n['hidden means with a twin']:,} hidden means"

    return f"""**Before and after** (`.venv/bin/python -m tests.proofs.secrecy`), the demonstration's three releases and
{ROUNDS} random rounds with mostly 1 to 9 evaluations an estate ({BEFORE} of them as it was before, too):

| | demonstration | random rounds |
|---|---|---|
| before: hidden means worked out | {means_before(one)} | {means_before(many)} |
| before: whole sheets of estates with one evaluation | {_sheets_before(one)} | {_sheets_before(many)} |
| now: hidden means with one possible value | {means_now(demonstration)} | {means_now(rounds)} |
| now: sheets of one or two households told | {sheets(one)} | {sheets(many)} |
| now: narrowest range of a hidden mean, of 100 points | {demonstration.narrowest:.1f} | {rounds.narrowest:.1f} |
| other rounds with the same files, published | {twins(one)} | {twins(many)} |
| cells that the integer programme left undecided | {one["cells undecided"]} | {many["cells undecided"]} |

Two previews and a release of {CORRECTED} random rounds, with 1, 9 and 10 evaluations more, one exchanged for another,
households corrected, an estate struck, one moved, answers forged:

| | as published | control: the office forgets what it showed |
|---|---|---|
| differences looked at | {again["differences"]:,} | {lost["differences"]:,} |
| sheets told by a difference | {again["sheets told by a difference"]} | {_forgotten_sheets(lost)} |
| fewest evaluations that publications tell apart | {corrected.smallest} | {forgotten.smallest} |
| hidden means with a twin over all three | {again["hidden means with a twin"]:,} | |
| narrowest range of a hidden mean over all three, of 100 points | {corrected.narrowest:.1f} | |
| companies that stayed as they were shown | {again["held"]} | 0 |

The one sheet of a cell with a single "don't know", {dk["one don't know"]:,} times: its score is told by exact sums
{dk["its score by Σy"]} times, by a mean to 0.1 beside all counts
{dk["its score by ȳ to 0.1 and all counts"]} times, by what is published {dk["its score by what is published"]} times.

A questionnaire of three questions (weights 10, 10, 5), {SHORT} random rounds: {few["sheets told"]} of
{few["sheets looked for"]:,} sheets are surely there ({few["cells undecided"]} cells undecided)."""


def _sheets_before(n: dict[str, int]) -> str:
    return f"{n['old sheets told']} of {n['old single households']} ({n['old sheets told wrong']} wrong)"


def _forgotten_sheets(n: dict[str, int]) -> str:
    return f"{n['sheets told by a difference']} ({n['sheets told by a difference, wrong']} wrong)"


if __name__ == "__main__":
    sys.exit(main())
