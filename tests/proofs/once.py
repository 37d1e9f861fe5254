"""One household, one counted evaluation: a hundred submits at the same moment, again and again, on both databases.

Real HTTP to gunicorn with four workers. All requests are sent but for their last byte, then all last bytes at once.
Run: .venv/bin/python -m tests.proofs.once (SCALE=0.1 for a tenth); about twelve minutes on two cores.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.proofs.ground import Ground, grounds, say, scaled, tell
from tests.support.checker import Findings, check
from tests.support.crowd import Crowd, open_all, send_one_code, send_one_ticket
from tests.support.gunicorn import Gunicorn, serve
from tests.support.households import Household, Town

AT_ONCE, WORKERS = 100, 4
REPETITIONS, CONTROLS = scaled(50), scaled(10)
TOLD = {303: 1, 409: AT_ONCE - 1}


@dataclass
class Proof:
    """One database's figures."""

    name: str
    held: Counter[str] = field(default_factory=Counter)
    findings: Findings | None = None
    households: int = 0
    twice: int = 0
    most: int = 0

    @property
    def stands(self) -> bool:
        """Every repetition held, the database agrees with the phones, and the control failed at least once."""
        found = self.findings
        agrees = found is not None and not found.wrong and found.counted == found.seen == self.households
        return agrees and set(self.held.values()) == {REPETITIONS} and len(self.held) == len(TRIALS) and self.twice > 0


Trial = Callable[[Gunicorn, Town, Path], bool]


def one_ticket(site: Gunicorn, town: Town, file: Path) -> bool:
    """One phone's form a hundred times at once: all are led to the same receipt."""
    [household] = town.settle(1)
    crowd = send_one_ticket(site.port, household, AT_ONCE, file)
    return crowd.statuses == {303: AT_ONCE} and len(crowd.receipts) == 1


def one_code(site: Gunicorn, town: Town, file: Path) -> bool:
    """A hundred phones with one code: one receipt, and 99 are told that the household has answered."""
    crowd = _send(site, town.settle(1)[0], file)
    return crowd.statuses == TOLD and len(crowd.receipts - {None}) == 1


def reissued(site: Gunicorn, town: Town, file: Path) -> bool:
    """Fifty forms opened with the old code, fifty with the reissued one; later the new code only tells so."""
    [household] = town.settle(1)
    half, new = AT_ONCE // 2, []

    def reissue() -> list[str]:
        new.append(town.reissue(household.rated_estate_id)[0].code)
        return new * half

    crowd = send_one_code(site.port, [household.code] * half, household, file, reissue)
    later = [page.status for _phone, page in open_all(site.port, new)]
    return crowd.statuses == TOLD and len(crowd.receipts - {None}) == 1 and later == [409]


TRIALS: dict[str, Trial] = {
    f"one ticket sent {AT_ONCE} times: one receipt on all answers": one_ticket,
    f"{AT_ONCE} tickets of one code: one receipt, {AT_ONCE - 1} 'already answered'": one_code,
    f"{AT_ONCE // 2} tickets of the old, {AT_ONCE // 2} of the reissued code: one receipt": reissued,
}


def _send(site: Gunicorn, household: Household, file: Path) -> Crowd:
    return send_one_code(site.port, [household.code] * AT_ONCE, household, file)


def prove(ground: Ground) -> Proof:
    """All repetitions on one database, and the control on another."""
    proof = Proof(ground.name)
    town, file = Town(ground.create("once"), ground.folder), ground.folder / f"phone-{ground.name}"
    with serve(town.url, ground.folder / f"site-{ground.name}", workers=WORKERS) as site:
        for number in range(REPETITIONS):
            for name, trial in TRIALS.items():
                proof.held[name] += trial(site, town, file)
            say(f"once, {ground.name}: {number + 1} of {REPETITIONS}")
    proof.findings, proof.households = check(town.app, [file]), REPETITIONS * len(TRIALS)
    town.close()
    _control(ground, proof)
    return proof


def _control(ground: Ground, proof: Proof) -> None:
    """The same crowds at a site that looks and then writes, with the trigger dropped."""
    town, file = Town(ground.create("without_once"), ground.folder), ground.folder / f"control-{ground.name}"
    town.take_out_once()
    options = {"application": "tests.faults.without_once:app", "workers": WORKERS}
    with serve(town.url, ground.folder / f"control-site-{ground.name}", **options) as site:
        for number in range(CONTROLS):
            counted = _send(site, town.settle(1)[0], file).statuses[303]
            proof.twice, proof.most = proof.twice + (counted > 1), max(proof.most, counted)
            say(f"once, {ground.name}, control: {number + 1} of {CONTROLS}, counted {counted} times")
    town.close()


def main() -> int:
    """Prove it on both, keep the figures; 1 if it doesn't stand."""
    with grounds() as both:
        proofs = [prove(ground) for ground in both]
    tell("once", _told(proofs))
    for proof in proofs:
        say("\n".join(proof.findings.wrong if proof.findings else []))
    return int(not all(proof.stands for proof in proofs))


def _told(proofs: list[Proof]) -> str:
    def row(name: str, cell: Callable[[Proof], str]) -> str:
        return f"| {name} | {' | '.join(cell(proof) for proof in proofs)} |"

    def agreement(proof: Proof) -> str:
        found = proof.findings
        return "" if found is None else f"{found.counted} of {proof.households}, {len(found.wrong)} wrong"

    return "\n".join([
        f"**Once** (`.venv/bin/python -m tests.proofs.once`). gunicorn with {WORKERS} workers; {AT_ONCE} submits, all",
        "sent but for their last byte, then the last bytes together; how many repetitions passed:",
        "",
        row("at the same moment", lambda proof: proof.name),
        f"|---|{'---|' * len(proofs)}",
        *(row(name, lambda proof, name=name: f"{proof.held[name]} of {REPETITIONS}") for name in TRIALS),
        row("households counted, once each, as the phones saw", agreement),
        row(
            "control: condition and trigger taken out, counted more than once",
            lambda proof: f"{proof.twice} of {CONTROLS} (up to {proof.most} times)",
        ),
    ])  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
