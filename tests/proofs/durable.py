"""Every receipt that a phone saw is there, and none twice: after killed workers, killed databases and a bad network.

Phones do the whole form with fresh cookies and send the same form with the same ticket again after any error. What
they saw is compared with the database by tests/support/checker.py. A killed process doesn't lose what the system has
in its own buffers: that the disk was waited for is asserted of each connection's settings, not shown by a power cut.
Run: .venv/bin/python -m tests.proofs.durable (SCALE=0.1 for a tenth); about eight minutes on two cores.
"""

from __future__ import annotations

import itertools
import random
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from rating.app import create_app
from rating.extensions import db
from rating.storage.engines import close_connections
from tests.proofs.ground import Ground, grounds, say, scaled, tell
from tests.support.bad_network import Loss, bad_network
from tests.support.checker import check, note
from tests.support.gunicorn import Gunicorn, serve
from tests.support.households import Household, Town
from tests.support.load import Load, load
from tests.support.phone import Phone, filled, volley

PHONES, WORKERS, APART = 12, 2, (3, 12)
WORKERS_KILLED, DATABASES_KILLED, LOSSES, DOUBLE_TAPS = scaled(50), scaled(20), scaled(50), scaled(100)
TIMEOUT = 2.0  # seconds until a phone on the bad network gives an answer up


@dataclass(frozen=True, slots=True)
class Row:
    """What one kind of fault left behind; `wrong` is the checker's."""

    database: str
    fault: str
    times: int
    receipts: int
    in_doubt: int
    answers: Counter[str]
    wrong: list[str]


class Trial:
    """One database, its site, and all that phones have seen there so far."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.town = Town(ground.create("durable"), ground.folder)
        self.files: list[Path] = []
        self._folders = (ground.folder / f"{ground.name}-{number}" for number in itertools.count())

    def run(self) -> list[Row]:
        """All faults, one kind after the other."""
        with serve(self.town.url, self.ground.folder / f"site-{self.ground.name}", workers=WORKERS) as site:
            return [
                self._strike(site, "a random worker killed", WORKERS_KILLED, lambda: _kill_worker(site)),
                self._kill_databases(site),
                self._bad_network(site),
                self._double_taps(site),
            ]

    def _kill_databases(self, site: Gunicorn) -> Row:
        """PostgreSQL's processes; SQLite lives in the site's own, so there it is all of these."""
        if (server := self.ground.server) is None:
            return self._strike(site, "the whole site killed", DATABASES_KILLED, lambda: _restart(site))

        def crash() -> None:
            server.kill()
            server.start()

        return self._strike(site, "the database killed", DATABASES_KILLED, crash)

    def _strike(self, site: Gunicorn, fault: str, times: int, strike: Callable[[], None]) -> Row:
        told = itertools.count(1)

        def once() -> None:
            strike()
            say(f"durable, {self.ground.name}, {fault}: {next(told)} of {times}")

        with load(site.port, self._households((times + 2) * APART[1] + PHONES), PHONES, self._folder()) as phones:
            phones.strike(times, once, APART)
        return self._row(fault, times, phones)

    def _bad_network(self, site: Gunicorn) -> Row:
        losses = list(Loss) * LOSSES
        random.shuffle(losses)
        with (
            bad_network(site.port, losses) as port,
            load(port, self._households(len(losses)), PHONES, self._folder(), timeout=TIMEOUT) as phones,
        ):
            say(f"durable, {self.ground.name}, bad network: {len(losses)} lost submits")
        return self._row("a request or its answer lost", len(losses), phones)

    def _double_taps(self, site: Gunicorn) -> Row:
        file, alike = self._folder() / "double-taps", 0
        for household in self._households(DOUBLE_TAPS):
            phone = Phone(site.port)
            form = phone.open(household.code)
            request = phone.request("POST", form.path, filled(form.page))
            led = volley(site.port, [request] * 2)
            shown = {phone.send("GET", answer.path).receipt for answer in led if answer.status == 303}
            alike += [answer.status for answer in led] == [303, 303] and len(shown) == 1
            for receipt in shown:
                note(file, household.rated_estate_id, str(receipt))
        self.files.append(file)
        wrong = [*self._wrong(), *[f"{DOUBLE_TAPS - alike} double taps had two answers"][: alike != DOUBLE_TAPS]]
        return Row(self.ground.name, "a double tap", DOUBLE_TAPS, alike, 0, Counter(), wrong)

    def _households(self, count: int) -> list[Household]:
        """Of three estates, mixed, so that phones meet in one row and in several."""
        settled = [one for _estate in range(3) for one in self.town.settle(count // 3 + 1)]
        random.shuffle(settled)
        return settled[:count]

    def _folder(self) -> Path:
        folder = next(self._folders)
        folder.mkdir()
        return folder

    def _row(self, fault: str, times: int, phones: Load) -> Row:
        self.files += phones.files
        in_doubt = phones.met.pop("submits in doubt", 0)
        crashes = [f"{n} answers of 500" for status, n in phones.met.items() if status == "500"]
        return Row(self.ground.name, fault, times, phones.done, in_doubt, phones.met, [*self._wrong(), *crashes])

    def _wrong(self) -> list[str]:
        """The checker's findings over all that was seen so far; an evaluation whose phone saw nothing is one too."""
        found = check(self.town.app, self.files)
        return [*found.wrong, *[f"{found.unseen} were counted and nobody saw their receipt"][: found.unseen]]


def _kill_worker(site: Gunicorn) -> None:
    site.kill_worker()
    site.wait()


def _restart(site: Gunicorn) -> None:
    site.kill()
    site.start()


def settings(ground: Ground, url: str) -> str:
    """What the application's own connections say of waiting for the disk."""
    asked = ["synchronous_commit", "fsync", "full_page_writes"] if ground.server else ["synchronous", "journal_mode"]
    ask = "SHOW" if ground.server else "PRAGMA"
    overrides = {"SQLALCHEMY_DATABASE_URI": url, "DATA_DIR": ground.folder}
    with create_app(overrides).app_context():
        said = [f"{name} = {db.session.scalar(text(f'{ask} {name}'))}" for name in asked]
        db.session.rollback()
        close_connections()
    return ", ".join(said)


SAFE = {
    "SQLite": "synchronous = 2, journal_mode = wal",
    "PostgreSQL": "synchronous_commit = on, fsync = on, full_page_writes = on",
}


def main() -> int:
    """Break everything on both, keep the figures; 1 if a receipt is missing or doubled or a setting is not safe."""
    rows, said = [], {}
    with grounds() as both:
        for ground in both:
            trial = Trial(ground)
            rows += trial.run()
            said[ground.name] = settings(ground, trial.town.url)
            trial.town.close()
    tell("durable", _told(rows, said))
    for row in rows:
        say("\n".join(row.wrong))
    return int(any(row.wrong for row in rows) or said != SAFE)


def _told(rows: list[Row], said: dict[str, str]) -> str:
    def answers(row: Row) -> str:
        return ", ".join(f"{name} {n}" for name, n in sorted(row.answers.items())) or "–"

    return "\n".join([
        f"**Durable** (`.venv/bin/python -m tests.proofs.durable`). gunicorn with {WORKERS} workers, {PHONES} phones",
        "at a time doing the whole form; SIGKILL at random moments; each phone sends the same form again until it sees",
        "its receipt; afterwards one checker compares all that was seen with the database.",
        "",
        "| database | fault | times | receipts seen | submits in doubt | wrong | phones met |",
        "|---|---|---|---|---|---|---|",
        *(
            f"| {row.database} | {row.fault} | {row.times} | {row.receipts} | {row.in_doubt} | {len(row.wrong)} "
            f"| {answers(row)} |"
            for row in rows
        ),
        "",
        f"As the application's own connections say: {'; '.join(f'{name}: {told}' for name, told in said.items())}.",
    ])  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
