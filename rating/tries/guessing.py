"""Who may try how often: failed guesses of codes, receipts and passwords.

Only a failed try counts. What the check digit catches is a slip, no try: it never asks the database. A right code
never counts, so that hundreds of neighbours behind one address may answer in the same ten minutes.

Each kind has two counters, both in fixed windows:
- its own, of one network (an IPv4 address, an IPv6 /64). Once it is full the network waits until the window ends. What
  is typed meanwhile is not looked up, right or wrong, else a guesser would have unlimited tries;
- one of all networks together (for passwords: of all who try the same account). While that is full, a network's own
  window is full after one failed try. A network that has not failed yet always passes: its right code is looked up,
  whatever others do, and a crowd of guessers cannot lock a city or an account out.
A neighbour of a guesser waits ten minutes at most, or takes another network (mobile data instead of Wi-Fi); a phone
that already opened its letter has its ticket and sends its form without being asked for the code.

What is left to a guesser: there are 10^15 codes that pass the check digit, and a county-level city has 73,000
households, so that a guess hits with a chance of 7.3 in 10^11. One network, 30 tries in 10 minutes for a round of
21 days, is 90,720 tries: 1 hit in 150,000 such rounds. All networks together, 3,000 an hour, are 1.5 million: 1 in
9,000. Beyond it each further network has one try in ten minutes: 100,000 hired networks would hit once in 45 rounds,
and be seen in the log (`guessing`) within seconds. A receipt has 128 bits, and cannot be guessed at all.

Tries that run at the same moment are all checked before the first is counted: at most as many as the server has
threads.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache

import structlog
from flask import current_app
from limits import RateLimitItem, parse

from rating.errors import TooMany
from rating.extensions import limiter
from rating.server.network import this_network
from rating.wording import Message, _l

log = structlog.get_logger()
_parsed = lru_cache(maxsize=16)(parse)


@dataclass(frozen=True, slots=True)
class Tries:
    """One kind of failed tries; `alone` and `together` name the settings that say how many are allowed."""

    kind: str
    alone: str
    together: str
    message: Message = field(repr=False)  # for whoever must wait; has `minutes`

    def check(self, of: str = "") -> None:
        """Raise TooMany where this network must wait; `of` names the account. One indexed read for anybody who never
        failed.
        """
        counters, own = limiter.storage, self._own()
        failed = counters.get(own)
        if failed == 0:
            return
        full = failed >= _limit(self.alone).amount
        if full or counters.get(self._joint(of)) >= _limit(self.together).amount:
            seconds = counters.get_expiry(own) - current_app.config["CLOCK"]().timestamp()
            raise _too_many(self.message, seconds)

    def count(self, of: str = "") -> None:
        """Count a failed try. It rolls back the request's transaction, which must have nothing left to write."""
        alone, together = _limit(self.alone), _limit(self.together)
        limiter.storage.incr(self._own(), alone.get_expiry())
        if limiter.storage.incr(self._joint(of), together.get_expiry()) == together.amount:
            log.warning("guessing", of=self.kind, limit=str(together))

    def _own(self) -> str:
        return f"{self.kind} from {this_network()}"

    def _joint(self, of: str) -> str:
        return f"{self.kind} of {of}"


def _limit(setting: str) -> RateLimitItem:
    return _parsed(str(current_app.config[setting]))


def _too_many(message: Message, seconds: float) -> TooMany:
    wait = max(1, math.ceil(seconds))
    return TooMany(Message(message.text, {"minutes": max(2, math.ceil(wait / 60))}), seconds=wait)


_GUESSED = _l(
    "Too many numbers that don't exist were tried from your network. Please wait %(minutes)s minutes and try again. "
    "To go on at once, take another network: switch from Wi-Fi to mobile data, or the other way round."
)
CODES = Tries("codes", "GUESSES_ALONE", "GUESSES_TOGETHER", _GUESSED)
RECEIPTS = Tries("receipts", "GUESSES_ALONE", "GUESSES_TOGETHER", _GUESSED)
PASSWORDS = Tries(
    "passwords",
    "PASSWORD_TRIES_ALONE",
    "PASSWORD_TRIES_TOGETHER",
    _l("A wrong password was entered too often. Please wait %(minutes)s minutes and try again."),
)
