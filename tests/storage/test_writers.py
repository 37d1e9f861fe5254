"""Writers of an SQLite file come one after the other, whoever dies at the head of the queue."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from rating.storage import writers as queue
from rating.storage.writers import PLACE, WriterQueue

HOLDS = """
import sys
from rating.storage.writers import WriterQueue
assert WriterQueue(sys.argv[1]).enter()
print("inside", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "rating.sqlite3-queue")


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "PATIENCE", 0.05)


def test_threads_of_a_process_are_inside_one_at_a_time(path: str) -> None:
    line, inside, most = WriterQueue(path), [0], [0]

    def write() -> None:
        for _ in range(50):
            assert line.enter()
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            inside[0] -= 1
            line.leave()

    threads = [threading.Thread(target=write) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert (most, inside) == ([1], [0])


@pytest.mark.usefixtures("short")
def test_the_head_waits_for_another_process_and_who_stands_behind_it_not_for_ever(path: str) -> None:
    line, came_in = WriterQueue(path), []
    with subprocess.Popen([sys.executable, "-c", HOLDS, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"inside\n"
        head = threading.Thread(target=lambda: came_in.append(line.enter()))
        head.start()
        while not line.turn.locked():
            head.join(0.001)
        assert not line.enter()
        assert came_in == []
        other.kill()
    head.join()
    assert came_in == [True]
    line.leave()


def test_a_process_that_is_killed_at_the_head_lets_the_next_one_in(path: str) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDS, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"inside\n"
        other.kill()
        other.wait()
    line = WriterQueue(path)
    assert line.enter()
    line.leave()


@pytest.mark.usefixtures("short")
def test_who_gives_up_leaves_the_queue_as_it_was(path: str) -> None:
    line = WriterQueue(path)
    assert line.enter()
    assert not line.enter()
    line.leave()
    assert line.enter()
    line.leave()


@pytest.mark.usefixtures("short")
def test_where_no_lock_file_can_be_made_writers_go_on_without(tmp_path: Path) -> None:
    line = WriterQueue(str(tmp_path / "no such folder" / "queue"))
    assert not line.enter()
    assert not line.enter()


def test_a_connection_gives_up_its_turn_when_it_goes_back(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    queue.watch(engine)
    with engine.connect() as connection:
        info = connection.info
        queue.enter(info)
        queue.enter(info)
        assert info[PLACE][1]
    assert not info[PLACE][1]
    engine.dispose()


def test_a_database_in_memory_needs_no_queue() -> None:
    engine = create_engine("sqlite://")
    queue.watch(engine)
    with engine.connect() as connection:
        queue.enter(connection.info)
        assert PLACE not in connection.info
    engine.dispose()
