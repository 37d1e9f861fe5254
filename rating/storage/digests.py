"""What is made of stored content that never changes: made once a process for each digest, and the latest kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class ByDigest(Generic[T]):
    """The latest few values by the digest of the content that they were made of. They are shared: never change one."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._made: dict[str, T] = {}

    def find(self, digest: str) -> T | None:
        """What this process has made of the content, if it still has it."""
        return self._made.get(digest)

    def get(self, digest: str, make: Callable[[], T]) -> T:
        """What is made of the content, made now where it isn't there."""
        if (known := self._made.get(digest)) is not None:
            return known
        made = make()
        while len(self._made) >= self._most:  # two threads may do so at once
            self._made.pop(next(iter(self._made), ""), None)
        self._made[digest] = made
        return made
