"""A bounded load of phones that do the whole form, each with fresh cookies, and write down the receipts they see."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Condition, Thread

from tests.support.checker import note
from tests.support.households import Household
from tests.support.phone import PATIENCE, Phone


class Load:
    """Phones that take one household after another; `done` counts receipts, `met` what phones met on the way."""

    def __init__(
        self, port: int, households: Iterable[Household], phones: int, folder: Path, timeout: float = 30.0
    ) -> None:
        self.port, self.timeout, self.done, self.met = port, timeout, 0, Counter[str]()
        self.files = [folder / f"phone-{number}" for number in range(phones)]
        self.errors: list[BaseException] = []
        self._households, self._stopped, self._told = iter(households), False, Condition()
        self._at_work: set[Phone] = set()
        self._threads = [Thread(target=self._work, args=[file], daemon=True) for file in self.files]

    def _next(self) -> Household | None:
        with self._told:
            return None if self._stopped or self.errors else next(self._households, None)

    def _work(self, file: Path) -> None:
        file.touch()
        try:
            while household := self._next():
                self._rate(household, file)
        except BaseException as error:  # whatever it is, the thread that waits must hear of it
            with self._told:
                self.errors.append(error)
                self._told.notify_all()

    def _rate(self, household: Household, file: Path) -> None:
        phone = Phone(self.port, self.timeout)
        self._at_work.add(phone)
        note(file, household.rated_estate_id, phone.rate(household.code))
        with self._told:
            self.done += 1
            self.met += phone.said
            self._at_work.remove(phone)
            self._told.notify_all()

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def strike(self, times: int, fault: Callable[[], object], apart: tuple[int, int] = (3, 12)) -> None:
        """Let the fault happen so many times, each a random number of receipts apart; then a few more receipts."""
        for _ in range(times):
            self._await(self.done + random.randint(*apart))
            fault()
        self._await(self.done + apart[1])
        self.stop()

    def _await(self, receipts: int) -> None:
        with self._told:
            came = self._told.wait_for(lambda: self.errors or self.done >= receipts, timeout=PATIENCE)
        if self.errors:
            raise self.errors[0]
        if not came:
            raise RuntimeError(f"no progress after {self.done} receipts: {[phone.said for phone in self._at_work]}")

    def stop(self) -> None:
        """Begin no more households."""
        self._stopped = True

    def finish(self) -> None:
        """Wait until every household that was begun has its receipt."""
        for thread in self._threads:
            thread.join()
        if self.errors:
            raise self.errors[0]


@contextmanager
def load(port: int, households: Iterable[Household], phones: int, folder: Path, **options: float) -> Iterator[Load]:
    """Phones at work until all households are done, or `stop` was said."""
    one = Load(port, households, phones, folder, **options)
    one.start()
    try:
        yield one
    except BaseException:
        one.stop()
        raise
    one.finish()
