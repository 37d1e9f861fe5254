"""Many phones at the same moment: one ticket sent many times, and many tickets of one household."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tests.support.checker import note
from tests.support.households import Household
from tests.support.phone import Answer, Phone, filled, volley


@dataclass(frozen=True, slots=True)
class Crowd:
    """What a crowd was told: how often each status came, and all receipts that anybody saw."""

    statuses: Counter[int]
    receipts: set[str | None]


def send_one_ticket(port: int, household: Household, times: int, file: Path) -> Crowd:
    """One phone's form, sent many times at once; each answer is followed to its receipt."""
    phone = Phone(port)
    form = phone.open(household.code)
    request = phone.request("POST", form.path, filled(form.page))
    return _crowd(port, volley(port, [request] * times), household, file)


def send_one_code(
    port: int, codes: Sequence[str], household: Household, file: Path, between: Callable[[], Sequence[str]] = tuple
) -> Crowd:
    """A phone of its own for each code that is opened, all of one household; then all submit at once.

    `between` does something when these forms are open, and gives more codes to open with more phones.
    """
    opened = open_all(port, codes)
    opened += open_all(port, between())
    requests = [phone.request("POST", form.path, filled(form.page)) for phone, form in opened]
    return _crowd(port, volley(port, requests), household, file)


def open_all(port: int, codes: Sequence[str]) -> list[tuple[Phone, Answer]]:
    """A phone for each code, with the page that it shows."""
    phones = [Phone(port) for _ in codes]
    scanned = volley(port, [phone.request("GET", f"/h/{code}") for phone, code in zip(phones, codes, strict=True)])
    for phone, answer in zip(phones, scanned, strict=True):
        phone.cookies.update(answer.cookies)
    pairs = zip(phones, scanned, strict=True)
    shown = volley(port, [phone.request("GET", answer.path) for phone, answer in pairs])
    return [
        (phone, replace(page, path=answer.path)) for phone, answer, page in zip(phones, scanned, shown, strict=True)
    ]


def _crowd(port: int, answers: list[Answer], household: Household, file: Path) -> Crowd:
    led = [answer for answer in answers if answer.status == 303]
    phones = [Phone(port) for _ in led]
    for phone, answer in zip(phones, led, strict=True):
        phone.cookies.update(answer.cookies)
    pages = volley(port, [phone.request("GET", answer.path) for phone, answer in zip(phones, led, strict=True)])
    receipts = {page.receipt for page in pages}
    for receipt in receipts - {None}:
        note(file, household.rated_estate_id, str(receipt))
    return Crowd(Counter(answer.status for answer in answers), receipts)
