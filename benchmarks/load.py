"""Residents in numbers: a fixed crowd that comes one after the other, or a fixed rate that waits for nobody."""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from benchmarks.http import WAITS, Phone, Unexpected
from benchmarks.visits import Visit


@dataclass(slots=True)
class Tally:
    """What a stretch of load saw; times in seconds."""

    took: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    receipts: set[str] = field(default_factory=set)
    seconds: float = 0.0
    cpu: float = 0.0  # of the load itself

    @property
    def rate(self) -> float:
        """Completions a second."""
        return len(self.took) / self.seconds

    def percentile(self, percent: float) -> float:
        """The least time within which so many percent were done, in milliseconds."""
        ordered = sorted(self.took)
        return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


async def _one(port: int, visit: Visit, code: str, began: float, tally: Tally) -> None:
    phone = Phone(port)
    try:
        receipt = await asyncio.wait_for(visit(phone, code), WAITS)
        if receipt in tally.receipts:
            raise Unexpected("a receipt came twice")
        tally.receipts.add(receipt)
        tally.took.append(time.perf_counter() - began)
    except (Unexpected, OSError, TimeoutError, ValueError) as error:
        tally.errors.append(f"{type(error).__name__}: {error}")
    finally:
        phone.close()


async def crowd(port: int, visit: Visit, codes: Iterator[str], clients: int, seconds: float) -> Tally:
    """`clients` residents at a time, the next when one is done, for so long."""
    tally = Tally()
    used, began = _used(), time.perf_counter()

    async def chair() -> None:
        while (now := time.perf_counter()) < began + seconds:
            await _one(port, visit, next(codes), now, tally)

    await asyncio.gather(*(chair() for _ in range(clients)))
    tally.seconds, tally.cpu = time.perf_counter() - began, _used() - used
    return tally


async def stream(port: int, visit: Visit, codes: Iterator[str], rate: float, seconds: float) -> Tally:
    """`rate` residents a second, however long the others take; time counts from when each was to begin."""
    tally = Tally()
    used, began = _used(), time.perf_counter()
    going: set[asyncio.Task[None]] = set()
    for number in range(int(rate * seconds)):
        due = began + number / rate
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        task = asyncio.create_task(_one(port, visit, next(codes), due, tally))
        going.add(task)
        task.add_done_callback(going.discard)
    await asyncio.gather(*going)
    tally.seconds, tally.cpu = time.perf_counter() - began, _used() - used
    return tally


def _used() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
