"""The kinds of jobs. A later room registers its own, with the function that does the work, when it is imported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from rating.wording import Message


class Progress(Protocol):
    """Reports how far the work has got."""

    def __call__(self, done: int, total: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Result:
    """The file that a job makes."""

    file_name: str
    media_type: str
    content: bytes = field(repr=False)


Work = Callable[[Mapping[str, Any], Progress], Result]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of job: its name in words, and what does the work. It must be able to run twice."""

    key: str
    title: Message
    work: Work


KINDS: dict[str, Kind] = {}


def job(key: str, title: Message) -> Callable[[Work], Work]:
    """Register the function that does the work of a kind."""

    def add(work: Work) -> Work:
        if key in KINDS:
            raise RuntimeError(f"two kinds of job are called {key}")
        KINDS[key] = Kind(key, title, work)
        return work

    return add
