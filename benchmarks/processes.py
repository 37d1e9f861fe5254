"""Servers as processes of our own: started in a group of theirs, measured from /proc, ended by their number."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
STARTS_WITHIN = 60.0
ENDS_WITHIN = 30.0


class NotStarted(RuntimeError):
    """A server did not begin to listen."""


@dataclass(slots=True)
class Server:
    """One gunicorn with its workers."""

    process: subprocess.Popen[bytes]
    port: int

    def stop(self) -> None:
        """End it: politely, then not."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def serve(command: list[str], port: int, folder: Path, log: Path, **environment: str) -> Server:
    """Start a server and wait until it listens."""
    with log.open("ab") as file:
        process = subprocess.Popen(  # noqa: S603  # our own command
            command, cwd=folder, env={**_plain_environment(), **environment}, stdin=subprocess.DEVNULL,
            stdout=file, stderr=file, start_new_session=True,
        )  # fmt: skip
    server = Server(process, port)
    until = time.monotonic() + STARTS_WITHIN
    while process.poll() is None and time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return server
        time.sleep(0.1)
    server.stop()
    raise NotStarted(f"nothing listens on port {port}; see {log}")


def _plain_environment() -> dict[str, str]:
    """Nobody's settings but the benchmark's."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("RATING_", "DJANGO_", "GUNICORN_"))}


def family(*roots: int) -> list[int]:
    """These processes and all their descendants."""
    parents: dict[int, list[int]] = {}
    for path in PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError):
            parents.setdefault(int(_stat(int(path.name))[1]), []).append(int(path.name))
    found = list(roots)
    for one in found:
        found.extend(parents.get(one, ()))
    return found


def cpu_seconds(pids: list[int]) -> float:
    """User and system time that these processes have used, and the ended children that they waited for."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            total += sum(int(value) for value in _stat(pid)[11:15])
    return total / TICKS


def memory(pids: list[int]) -> float:
    """PSS of these processes in MB: each shared page is counted once."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
            total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def _stat(pid: int) -> list[str]:
    """Fields of /proc/PID/stat from the third on: the second is a name that may hold anything."""
    return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
