"""A hundred thousand guesses find no code and are told so in words, while whole estates behind one address get in.

Guesses are numbers with a right check digit that nobody was given, from one address alone and from thousands
(X-Forwarded-For, one proxy trusted). Before that and in its midst, 300 residents behind one address answer.
Run: .venv/bin/python -m tests.proofs.guesses (SCALE=0.1 for a tenth); about eight minutes on two cores.
"""

from __future__ import annotations

import http.client
import random
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock

from rating.rounds.codes import grouped, new_code
from tests.proofs.ground import Ground, grounds, say, scaled, tell
from tests.support.checker import check, note
from tests.support.gunicorn import serve
from tests.support.households import Household, Town
from tests.support.phone import Phone, Unexpected, filled

GUESSES = scaled(50_000)  # on each database
ALONE, ADDRESSES = GUESSES // 10, max(2, GUESSES // 60)
GUESSERS, RESIDENTS, AT_ONCE = 6, 300, 8
SLIPS, LOOK_ALIKES = 45, 10  # residents who mistype a digit; and who type a number that could be a code and is none
ESTATE_BEFORE, ESTATE_DURING, GUESSER_ALONE = "203.0.113.7", "203.0.113.8", "198.51.100.1"


@dataclass
class Proof:
    """One database's figures: what guesses from one and from many addresses met, and how residents fared."""

    name: str
    alone: Counter[str] = field(default_factory=Counter)
    many: Counter[str] = field(default_factory=Counter)
    through: dict[str, int] = field(default_factory=dict)
    meanwhile: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def stands(self) -> bool:
        """No guess got anywhere, each was refused in words, both limits bit, and every resident got a receipt."""
        refused = all(set(met) == {"404", "429"} for met in (self.alone, self.many))
        return refused and set(self.through.values()) == {RESIDENTS} and len(self.through) == 2 and not self.wrong


# ---- guessers


def guess(port: int, tries: Iterator[tuple[str, str]]) -> Counter[str]:
    """Try (address, code) after (address, code) on one connection; what came back, unclear 429 pages apart."""
    met: Counter[str] = Counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for address, code in tries:
        try:
            connection.request("GET", f"/h/{code}", headers={"X-Forwarded-For": address})
            answer = connection.getresponse()
        except http.client.RemoteDisconnected:  # a kept connection had just ended; the guess is made on a new one
            connection.close()
            connection.request("GET", f"/h/{code}", headers={"X-Forwarded-For": address})
            answer = connection.getresponse()
        page = answer.read().decode()
        met[_kind(answer, page)] += 1
    connection.close()
    return met


def _kind(answer: http.client.HTTPResponse, page: str) -> str:
    """The status; a 429 must say when to come back, to the phone and to its owner."""
    clear = answer.status != 429 or (answer.headers.get("Retry-After", "").isdigit() and "分钟" in page)
    return str(answer.status) if clear else "429 without a word"


class Attack:
    """So many guesses from these addresses, a few at a time; `amid` is set when a third of them have been made."""

    def __init__(self, port: int, addresses: list[str], known: set[str], guesses: int) -> None:
        self.port, self.addresses, self.known, self.guesses = port, addresses, known, guesses
        self.made, self.amid, self._lock = 0, Event(), Lock()

    def _tries(self) -> Iterator[tuple[str, str]]:
        for _ in range(self.guesses // GUESSERS):
            if (code := new_code()) not in self.known:
                self._count()
                yield random.choice(self.addresses), code

    def _count(self) -> None:
        with self._lock:
            self.made += 1
        if self.made % 5000 == 0:
            say(f"guesses: {self.made} of {self.guesses} from {len(self.addresses)} addresses")
        if 3 * self.made >= self.guesses:
            self.amid.set()

    def run(self) -> Counter[str]:
        """Make them; how often each answer came."""
        try:
            with ThreadPoolExecutor(GUESSERS) as pool:
                met = pool.map(lambda _: guess(self.port, self._tries()), range(GUESSERS))
                return sum(met, Counter())
        finally:
            self.amid.set()


# ---- residents


def answer_all(port: int, address: str, residents: list[Household], look_alikes: int, file: Path) -> int:
    """All residents answer, from one address: half scan, half type, some after a slip. How many got a receipt."""
    slips = set(random.sample(range(len(residents)), SLIPS))

    def answer(number: int) -> int:
        household, phone = residents[number], Phone(port, address=address)
        try:
            if number in slips:
                type_in(phone, household, slip(household.code), 422)
            elif number < look_alikes:
                type_in(phone, household, new_code(), 422)
            if number % 2 and number not in slips:
                receipt = phone.rate(household.code)
            else:
                type_in(phone, household, household.code, 303)
                form = phone.send("GET", f"/e/{household.estate}")
                receipt = phone.hand_in(f"/e/{household.estate}", filled(form.page))
        except Unexpected as error:
            say(f"a resident was not let in: {error}")
            return 0
        note(file.with_name(f"{file.name}-{number}"), household.rated_estate_id, receipt)
        return 1

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sum(pool.map(answer, range(len(residents))))


def type_in(phone: Phone, household: Household, code: str, status: int) -> None:
    """Type a code on the poster's page."""
    entrance = phone.send("GET", f"/e/{household.estate}")
    fields = {name: value for name, value in filled(entrance.page).items() if name == "csrf_token"}
    answer = phone.send("POST", f"/e/{household.estate}/code", {**fields, "code": grouped(code)})
    if answer.status != status:
        raise Unexpected(f"{answer.status} instead of {status} for a typed code")


def slip(code: str) -> str:
    """A code with one digit wrong, or two neighbours swapped, as hands do."""
    at = random.randrange(len(code) - 1)
    if code[at] != code[at + 1] and random.random() < 0.5:
        return code[:at] + code[at + 1] + code[at] + code[at + 2 :]
    return code[:at] + str((int(code[at]) + random.randint(1, 9)) % 10) + code[at + 1 :]


# ---- the proof


def prove(ground: Ground) -> Proof:
    """Residents in peace, a guesser alone, many guessers, and residents in the midst of them."""
    proof, town = Proof(ground.name), Town(ground.create("guesses"), ground.folder)
    calm, storm = town.settle(RESIDENTS), town.settle(RESIDENTS)
    known, file = {one.code for one in (*calm, *storm)}, ground.folder / f"phone-{ground.name}"
    addresses = [f"198.18.{number // 250}.{number % 250 + 1}" for number in range(ADDRESSES)]
    with serve(town.url, ground.folder / f"site-{ground.name}", RATING_PROXIES="1") as site:
        proof.through["before"] = answer_all(site.port, ESTATE_BEFORE, calm, LOOK_ALIKES, file)
        say(f"guesses, {ground.name}: {proof.through['before']} residents got in before")
        proof.alone = Attack(site.port, [GUESSER_ALONE], known, ALONE).run()
        say(f"guesses, {ground.name}, one address: {dict(proof.alone)}")
        attack = Attack(site.port, addresses, known, GUESSES - ALONE)
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(attack.run)
            attack.amid.wait()
            made = attack.made
            proof.through["during"] = answer_all(site.port, ESTATE_DURING, storm, 0, file)
            proof.meanwhile = attack.made - made
            say(f"guesses, {ground.name}: {proof.through['during']} residents got in, {proof.meanwhile} guesses amid")
            proof.many = running.result()
        say(f"guesses, {ground.name}, {ADDRESSES} addresses: {dict(proof.many)}")
    proof.wrong = check(town.app, ground.folder.glob(f"{file.name}-*")).wrong
    town.close()
    return proof


def main() -> int:
    """Prove it on both, keep the figures; 1 if it doesn't stand."""
    with grounds() as both:
        proofs = [prove(ground) for ground in both]
    tell("guesses", _told(proofs))
    return int(not all(proof.stands for proof in proofs))


def _told(proofs: list[Proof]) -> str:
    def met(counted: Counter[str]) -> str:
        hits = counted.total() - counted["404"] - counted["429"]
        return f"{counted['404']} | {counted['429']} | {hits}"

    rows = []
    for one in proofs:
        rows.append(f"| {one.name} | one address | {one.alone.total()} | {met(one.alone)} |")
        rows.append(f"| {one.name} | {ADDRESSES} addresses | {one.many.total()} | {met(one.many)} |")
    through = "; ".join(
        f"{one.name}: {one.through['before']}, and {one.through['during']} while {one.meanwhile} guesses were made"
        for one in proofs
    )
    return "\n".join([
        "**Guesses** (`.venv/bin/python -m tests.proofs.guesses`). Numbers with a right check digit that nobody was",
        "given; looked up and unknown (404), or not looked up any more, with a page that says when to come back (429):",
        "",
        "| database | guesses from | guesses | unknown | to wait | hits or others |",
        "|---|---|---|---|---|---|",
        *rows,
        "",
        f"Of {RESIDENTS} residents behind one address, {SLIPS} of them after a mistyped digit, so many got a receipt:",
        f"before the guesses (with {LOOK_ALIKES} numbers typed that could have been codes), and in their midst.",
        f"{through}.",
    ])  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
