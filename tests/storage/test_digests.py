"""What is made of stored content is made once a process, shared, and given up again when there is much of it."""

from __future__ import annotations

import pytest

from rating.storage.digests import ByDigest


def test_what_was_made_of_a_digest_is_not_made_again() -> None:
    made: list[str] = []
    kept: ByDigest[list[str]] = ByDigest(2)

    def make() -> list[str]:
        made.append("once")
        return made

    assert kept.find("a") is None
    assert kept.get("a", make) is kept.get("a", make) is kept.find("a") is made
    assert made == ["once"]


def test_the_oldest_goes_when_there_are_too_many() -> None:
    kept: ByDigest[str] = ByDigest(2)
    for digest in ("a", "b", "c"):
        kept.get(digest, digest.upper)
    assert [kept.find(digest) for digest in ("a", "b", "c")] == [None, "B", "C"]


def test_nothing_is_kept_of_what_could_not_be_made() -> None:
    kept: ByDigest[int] = ByDigest(2)

    def fail() -> int:
        raise ValueError("unreadable")

    with pytest.raises(ValueError, match="unreadable"):
        kept.get("a", fail)
    assert kept.find("a") is None
    assert kept.get("a", lambda: 1) == 1
