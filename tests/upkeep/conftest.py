"""Empty installations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.clock import Clock
from tests.support.databases import make_app
from tests.upkeep.town import Installation, installations


@pytest.fixture
def install(request: pytest.FixtureRequest, tmp_path: Path, session_clock: Clock) -> Iterator[Installation]:
    """`install("postgresql")` is an application on a database without tables."""
    yield from installations(request, lambda url: make_app(url, tmp_path, session_clock), tmp_path)
