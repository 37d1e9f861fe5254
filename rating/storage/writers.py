"""Writers of an SQLite file wait in a queue of their own instead of polling SQLite.

SQLite lets one writer in at a time; a writer that finds it busy sleeps and retries, longer each time, so that under
many writers some wait for half a second while the file is free. Here the threads of a process queue for a lock, and the
one at the head waits in the kernel for a lock file that stands beside the database. The kernel gives that lock to one
process after the other, and releases it when the process that has it ends, however it ends. Nothing depends on it:
SQLite still takes its own lock. A thread that has queued behind others of its process for too long goes on without it,
and hears from SQLite that the database is busy.
"""

from __future__ import annotations

import fcntl
import os
import threading
from contextlib import suppress
from typing import Any

from sqlalchemy import Engine, event

PATIENCE = 15.0  # seconds; as long as SQLite's own
PLACE = "place in the queue"


class WriterQueue:
    """The queue for one database file, in one process."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.turn = threading.Lock()
        self.file = -1
        self.process = 0

    def enter(self) -> bool:
        """Wait for one's turn; False where it didn't come in time."""
        if not self.turn.acquire(timeout=PATIENCE):
            return False
        try:
            self._open()
            fcntl.flock(self.file, fcntl.LOCK_EX)
        except OSError:  # a folder that only SQLite may write to, or a disk that is full
            self.turn.release()
            return False
        return True

    def leave(self) -> None:
        """Let the next one in."""
        with suppress(OSError):
            fcntl.flock(self.file, fcntl.LOCK_UN)
        self.turn.release()

    def _open(self) -> None:
        """The lock file, opened by each process for itself: a fork shares what it inherits."""
        if self.process != os.getpid():
            self.file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self.process = os.getpid()


def watch(engine: Engine) -> None:
    """Let writers of this engine queue, if its database is a file."""
    path = engine.url.database
    if not path or path == ":memory:" or path.startswith("file:"):
        return
    queue = WriterQueue(f"{path}-queue")

    def opened(_connection: Any, record: Any) -> None:
        record.info[PLACE] = (queue, False)

    def left(_connection: Any, record: Any, *_more: Any) -> None:
        leave(record.info)

    event.listen(engine, "connect", opened)
    for name in ("checkin", "invalidate", "close"):
        event.listen(engine, name, left)


def enter(info: dict[Any, Any]) -> None:
    """Wait for the turn of this connection, unless it has it; `leave` gives it up."""
    queue, inside = info.get(PLACE, (None, False))
    if queue is not None and not inside:
        info[PLACE] = (queue, queue.enter())


def leave(info: dict[Any, Any]) -> None:
    """Give up the turn of this connection, if it has it."""
    queue, inside = info.get(PLACE, (None, False))
    if inside:
        info[PLACE] = (queue, False)
        queue.leave()
