"""The ticket: what a resident's phone keeps in a signed cookie between opening the letter's code and the receipt.

A ticket says rated estate, household number, a random 128-bit receipt and its time of issue. The server writes
nothing when one is made. A phone keeps a few, so that neighbours or parents and children can share it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from itsdangerous import BadSignature, Signer
from werkzeug.http import dump_cookie

from rating.config import derived_key

LIFETIME = timedelta(hours=24)
KEPT = 6
COOKIE = "tickets"
# Crockford's base 32: no I, L, O, U, so that nothing copied by hand can be read in two ways.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LOOKALIKES = str.maketrans({"I": "1", "L": "1", "O": "0", "U": "V"})
RECEIPT_BYTES = 16
RECEIPT_SIGNS = 26


@dataclass(frozen=True, slots=True)
class Ticket:
    """`receipt` is 16 random bytes; `issued_at` an aware datetime, to the second."""

    rated_estate_id: int
    household_number: int = field(repr=False)
    receipt: bytes = field(repr=False)
    issued_at: datetime

    @property
    def receipt_hash(self) -> bytes:
        """SHA-256 of the receipt: what is stored with the evaluation."""
        return hashlib.sha256(self.receipt).digest()

    def is_of(self, rated_estate_id: int, household_number: int) -> bool:
        """Whether this is the ticket of that household."""
        return (self.rated_estate_id, self.household_number) == (rated_estate_id, household_number)

    def is_valid(self, now: datetime) -> bool:
        """Not older than a day."""
        return timedelta(0) <= now - self.issued_at + timedelta(minutes=5) and now - self.issued_at < LIFETIME


def new_ticket(rated_estate_id: int, household_number: int, now: datetime) -> Ticket:
    """A fresh ticket with a random receipt."""
    receipt = secrets.token_bytes(RECEIPT_BYTES)
    return Ticket(rated_estate_id, household_number, receipt, now.replace(microsecond=0))


class TicketBook:
    """The tickets in one browser's cookie, the one in use first."""

    def __init__(self, tickets: Iterable[Ticket] = ()) -> None:
        self.tickets = list(tickets)

    def open(self, rated_estate_id: int, household_number: int, now: datetime) -> Ticket:
        """The household's ticket, moved to the front; opening the code again keeps the existing one."""
        kept = next((t for t in self.tickets if t.is_of(rated_estate_id, household_number)), None)
        ticket = kept or new_ticket(rated_estate_id, household_number, now)
        self.tickets = [ticket, *(t for t in self.tickets if t is not kept)][:KEPT]
        return ticket

    def find(self, rated_estate_id: int) -> Ticket | None:
        """The ticket in use for a rated estate."""
        return next((t for t in self.tickets if t.rated_estate_id == rated_estate_id), None)


def seal(book: TicketBook, secret: str) -> str:
    """The book as a signed cookie value: 'estate-household-receipt-time' for each ticket, with '_' between."""
    tickets = "_".join(
        f"{t.rated_estate_id}-{t.household_number}-{t.receipt.hex()}-{int(t.issued_at.timestamp())}"
        for t in book.tickets
    )
    return _signer(secret).sign(tickets).decode()


@lru_cache(maxsize=4)
def _signer(secret: str) -> Signer:
    return Signer(derived_key(secret, "tickets"), key_derivation="none", digest_method=hashlib.sha256)


def cookie_header(book: TicketBook, secret: str, *, secure: bool) -> str:
    """The book as a Set-Cookie header's value."""
    age = int(LIFETIME.total_seconds())
    return dump_cookie(COOKIE, seal(book, secret), max_age=age, httponly=True, secure=secure, samesite="Lax")


def unseal(cookie: str | None, secret: str, now: datetime) -> TicketBook:
    """The valid tickets of a cookie; an empty book for no cookie, a forged one or one from another key.

    Likewise for a value signed by us that contains no tickets: another version of the product may write other values.
    """
    try:
        signed = _signer(secret).unsign(cookie or "").decode()
        tickets = [_read_ticket(one.split("-"), now) for one in signed.split("_") if one]
    except (BadSignature, ValueError, OverflowError, OSError):
        return TicketBook()
    return TicketBook(ticket for ticket in tickets if ticket.is_valid(now))


def _read_ticket(parts: list[str], now: datetime) -> Ticket:
    rated_estate_id, household_number, receipt, issued_at = parts
    read = bytes.fromhex(receipt)
    if len(read) != RECEIPT_BYTES:
        raise ValueError("a receipt has 16 bytes")
    issued = datetime.fromtimestamp(int(issued_at), now.tzinfo)
    return Ticket(int(rated_estate_id), int(household_number), read, issued)


def form_token(ticket: Ticket, secret: str) -> str:
    """What the form carries to name its ticket and to show that it came from us: HMAC of the receipt."""
    return hmac.digest(secret.encode(), b"form" + ticket.receipt, "sha256").hex()[:32]


def find_by_token(book: TicketBook, token: str, secret: str) -> Ticket | None:
    """The ticket that a form belongs to, also where another household's code was opened in between."""
    given = token.encode()
    return next((t for t in book.tickets if hmac.compare_digest(form_token(t, secret).encode(), given)), None)


def receipt_number(receipt: bytes) -> str:
    """回执号: 26 signs of base 32 in groups of four, 'ABCD-EFGH-…'."""
    value = int.from_bytes(receipt)
    signs = "".join(ALPHABET[value >> shift & 31] for shift in range(5 * (RECEIPT_SIGNS - 1), -1, -5))
    return "-".join(signs[start : start + 4] for start in range(0, RECEIPT_SIGNS, 4))


def read_receipt(typed: str) -> bytes | None:
    """The receipt behind a typed or pasted number; None if it can't be one.

    Lower case, look-alikes, full-width characters, and any dashes, blanks or other characters between (or none) are
    allowed.
    """
    plain = unicodedata.normalize("NFKC", typed).upper()
    signs = "".join(sign for sign in plain if sign.isalnum() and sign.isascii()).translate(LOOKALIKES)
    if len(signs) != RECEIPT_SIGNS or any(sign not in ALPHABET for sign in signs):
        return None
    value = 0
    for sign in signs:
        value = value << 5 | ALPHABET.index(sign)
    return value.to_bytes(RECEIPT_BYTES) if value < 1 << 8 * RECEIPT_BYTES else None
