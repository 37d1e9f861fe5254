"""What the proofs stand on: how long they run, and both databases with the settings of service."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.proofs.figures import keep
from tests.support.crashable import CrashablePostgresql

SCALE = float(os.environ.get("SCALE") or 1)


class Ground(NamedTuple):
    """A database server that can be killed (SQLite has none: its server is the site's own process), and a folder."""

    name: str
    folder: Path
    server: CrashablePostgresql | None

    def create(self, database: str) -> str:
        """The address of a new, empty database."""
        if self.server is not None:
            return self.server.create(database)
        return f"sqlite:///{self.folder / database}.sqlite3"


@contextmanager
def grounds() -> Iterator[Iterator[Ground]]:
    """SQLite and then PostgreSQL, each gone when the next begins; nobody's settings decide what is proved."""
    for name in [name for name in os.environ if name.startswith("RATING_") or name == "PORT"]:
        del os.environ[name]
    with tempfile.TemporaryDirectory(prefix="rating-proof-") as folder:
        yield _grounds(Path(folder))


def _grounds(folder: Path) -> Iterator[Ground]:
    yield Ground("SQLite", folder, None)
    server = CrashablePostgresql()
    try:
        yield Ground("PostgreSQL", folder, server)
    finally:
        server.stop()


def scaled(number: int) -> int:
    """So many in a whole run; SCALE=0.1 makes it a tenth."""
    return max(2, round(number * SCALE))


def say(text: str) -> None:
    """Progress, for who waits."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201  # a program that is run by hand


def tell(proof: str, text: str) -> None:
    """Print the figures; those of a whole run are kept."""
    print(text)  # noqa: T201  # a program that is run by hand
    if SCALE >= 1:
        keep(proof, text)
