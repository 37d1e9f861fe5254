"""The real server, to be killed at will: gunicorn with its workers, as `rating serve` runs it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from rating.cli import gunicorn_command
from tests.support.ports import Port

KEY = "for tests only"
STARTS_WITHIN = 60.0  # seconds


class Gunicorn:
    """The site on one database. `application` may name another WSGI module: one with a fault put in on purpose.

    `swapped` are words of the command line with what stands in their place, for controls.
    """

    def __init__(
        self,
        url: str,
        folder: Path,
        application: str = "wsgi:app",
        workers: int = 2,
        threads: int = 8,
        swapped: Mapping[str, str] | None = None,
        **env: str,
    ) -> None:
        self.folder, self.count, self.threads = folder, workers, threads
        self.swapped = {"wsgi:app": application, **(swapped or {})}
        folder.mkdir(parents=True, exist_ok=True)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("RATING_")}
        self.environment = {
            **kept, **env, "RATING_DATABASE_URL": url, "RATING_DATA_DIR": str(folder), "RATING_SECRET_KEY": KEY,
        }  # fmt: skip
        self._port = Port()
        self.port = self._port.number
        self.start()

    def start(self) -> None:
        """Start it, again on the same port, and wait until all workers serve."""
        command = gunicorn_command("127.0.0.1", self.port, self.count, self.threads)
        command = [self.swapped.get(word, word) for word in command]
        with (self.folder / "server.log").open("ab") as log:
            self.master = subprocess.Popen(
                command, env={**self.environment, "PORT": str(self.port)}, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True,
            )  # fmt: skip
        self.wait()

    def wait(self) -> None:
        """Wait until it answers and has as many workers as it should."""
        end = time.monotonic() + STARTS_WITHIN
        while not (len(self.workers()) == self.count and self._answers()):
            if time.monotonic() > end or self.master.poll() is not None:
                raise RuntimeError(f"the server does not serve:\n{self.log()[-4000:]}")
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5):
                return True
        except (URLError, OSError):
            return False

    def workers(self) -> list[int]:
        """The process ids of the workers there are now."""
        return children(self.master.pid)

    def kill_worker(self) -> None:
        """Kill one of the workers, whatever it is doing; gunicorn starts another."""
        victim = random.choice(self.workers())
        os.kill(victim, signal.SIGKILL)
        while victim in self.workers():
            time.sleep(0.005)

    def kill(self) -> None:
        """Kill the master and all workers at once, as when the machine's memory runs out."""
        os.killpg(self.master.pid, signal.SIGKILL)  # a group of its own, started above
        self.master.wait()

    def stop(self) -> None:
        """End it, whatever became of it."""
        if self.master.poll() is None:
            self.kill()
        self._port.give_back()

    def log(self) -> str:
        """What it and the application said."""
        return (self.folder / "server.log").read_text(errors="replace")


def children(parent: int) -> list[int]:
    """The living child processes of one that this program started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it ended just now
            continue
        if int(after_name[1]) == parent and after_name[0] != "Z":
            found.append(int(stat.parent.name))
    return found


@contextmanager
def serve(url: str, folder: Path, **options: Any) -> Iterator[Gunicorn]:
    """The site until the block ends."""
    site = Gunicorn(url, folder, **options)
    try:
        yield site
    finally:
        site.stop()
