"""Tallies and scorecard of a province in one round: from the database, against numpy over an array in memory.

    python -m benchmarks.tallies [--evaluations 10000000] [--database sqlite|postgresql …]

260 estates of 69 companies, 10 indicators. The same run measures what numpy alone needs for the same histograms and
moments, from arrays that are already there, and what other ways of storing marks would take (on a tenth of the rows).
"""

from __future__ import annotations

import argparse
import itertools
import json
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from flask import Flask
from flask_migrate import upgrade

from rating.app import create_app
from rating.config import ROOT
from rating.evaluations.models import TurnoutDay
from rating.extensions import db
from rating.results.service import compute_scorecard
from rating.results.tallies import tally_round
from rating.rounds.models import Round
from rating.rulebooks.content import rule_of
from rating.scoring import Direction, score_evaluation
from rating.storage.engines import close_connections
from tests.factories import CompanyFactory, RatedEstateFactory, RoundFactory
from tests.proofs import figures
from tests.support import postgresql
from tests.support.clock import START

FOLDER = ROOT / "var" / "bench-tallies"
PAGE = ROOT / "docs" / "performance.md"
ESTATES, COMPANIES, INDICATORS, REPEATS = 260, 69, 10, 3
SHARES = (0.06, 0.1, 0.22, 0.34, 0.28)  # of marks 1 to 5, as people give them
Numbers = np.ndarray[Any, Any]


def draw(count: int) -> tuple[Numbers, Numbers]:
    """Marks as ASCII digits, a row an evaluation, and the estate of each row, in order of estates."""
    random = np.random.default_rng(20260901)
    marks = random.choice(np.frombuffer(b"12345", np.uint8), (count, INDICATORS), p=SHARES)
    return marks, np.sort(random.integers(0, ESTATES, count, np.int32))


def scores_of(marks: Numbers) -> Numbers:
    """Scores in 1/10 000 points, halves up: the default questionnaire's weights are alike, its marks 1 to 5."""
    given = (marks - ord("1")).sum(axis=1, dtype=np.int64)
    full = 4 * INDICATORS
    return (2_000_000 * given + full) // (2 * full)


def make_round(app: Flask, most: int) -> tuple[int, list[int]]:
    """A closed round with its estates: its id and theirs."""
    with app.app_context():
        round_ = RoundFactory(closed=True)
        companies = [CompanyFactory() for _ in range(COMPANIES)]
        rated = [
            RatedEstateFactory(round=round_, company=companies[number % COMPANIES], households=most)
            for number in range(ESTATES)
        ]
        made = round_.id, [one.id for one in rated]
        db.session.commit()
        return made


def check_scores(app: Flask, round_id: int, marks: Numbers, scores: Numbers) -> None:
    """The quick arithmetic above is the product's own."""
    with app.app_context():
        content = db.session.get_one(Round, round_id).rulebook.content
        rule = rule_of(content.questionnaire(Direction.RESIDENT_TO_COMPANY))
        for row, score in zip(marks[:500], scores[:500], strict=True):
            if score_evaluation(rule, [int(chr(sign)) for sign in row]) != score:
                raise SystemExit("the benchmark's scores are not the product's")


def rows(ids: list[int], marks: Numbers, estates: Numbers, scores: Numbers) -> Iterator[tuple[Any, ...]]:
    """Evaluations in key order, so that both databases load them quickly; keys are random, as in the product."""
    random = np.random.default_rng(7)
    order = random.permutation(len(marks))
    step = (1 << 64) // (len(marks) + 1)
    lines = marks.tobytes().decode()
    for place, row in enumerate(order.tolist()):
        key = f"{step * (place + 1):016x}{place:016x}"
        yield key, ids[estates[row]], lines[row * INDICATORS : (row + 1) * INDICATORS], int(scores[row])


COLUMNS = "id, rated_estate_id, direction, channel, marks, score, week, receipt_hash"
WEEK = "2026-09-07"


def load_sqlite(app: Flask, given: Iterator[tuple[Any, ...]]) -> None:
    """Rows first, the index after them."""
    with app.app_context():
        engine = db.engine.raw_connection()
        raw: Any = engine.driver_connection
        index = raw.execute("SELECT sql FROM sqlite_master WHERE name = 'ix_evaluation_residents'").fetchone()[0]
        for statement in ("PRAGMA synchronous = OFF", "BEGIN", "DROP INDEX ix_evaluation_residents"):
            raw.execute(statement)
        raw.executemany(
            f"INSERT INTO evaluation ({COLUMNS}) "  # noqa: S608  # constants of this file
            f"VALUES (?1, ?2, 'resident_to_company', 'own', ?3, ?4, '{WEEK}', CAST(?1 AS BLOB))",
            given,
        )
        raw.execute(index)
        raw.execute("COMMIT")
        raw.execute("ANALYZE")
        engine.close()


def load_postgresql(app: Flask, given: Iterator[tuple[Any, ...]]) -> None:
    """COPY, then what autovacuum would do in its time."""
    with app.app_context():
        engine = db.engine.raw_connection()
        raw: Any = engine.driver_connection
        with raw.cursor() as cursor:
            index = cursor.execute(
                "SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_evaluation_residents'"
            ).fetchone()[0]
            cursor.execute("DROP INDEX ix_evaluation_residents")
            with cursor.copy(f"COPY evaluation ({COLUMNS}) FROM STDIN") as copy:
                for key, estate, marks, score in given:
                    copy.write(f"{key}\t{estate}\tresident_to_company\town\t{marks}\t{score}\t{WEEK}\t\\\\x{key}\n")
            cursor.execute(index)
        raw.commit()
        raw.autocommit = True
        raw.execute("VACUUM (ANALYZE) evaluation")
        engine.close()


def add_turnout(app: Flask, ids: list[int], estates: Numbers) -> None:
    """The day counters with which the tallies must agree."""
    counts = np.bincount(estates, minlength=ESTATES)
    with app.app_context():
        for one, count in zip(ids, counts.tolist(), strict=True):
            db.session.add(TurnoutDay(rated_estate_id=one, day=START.date(), channel="own", count=count))
        db.session.commit()


# ---- what is measured, each in a process of its own


def measure_database(url: str, round_id: int) -> dict[str, float]:
    """Median seconds of tallies, and of tallies, folding and scorecard; MB above the idle process."""
    from rating.access import SYSTEM

    app = application(url)
    took: dict[str, list[float]] = {"tallies": [], "scorecard": []}
    with app.app_context():
        round_ = db.session.get_one(Round, round_id)
        round_.rulebook.content.rules()
        idle = held()
        for _ in range(REPEATS):
            took["tallies"].append(timed(lambda: tally_round(round_)))
            took["scorecard"].append(timed(lambda: compute_scorecard(round_, SYSTEM, START)))
            db.session.rollback()
        return {name: statistics.median(times) for name, times in took.items()} | {"megabytes": peak() - idle}


def measure_numpy(folder: Path) -> dict[str, float]:
    """Median seconds for every estate's histograms and moments from arrays in memory."""
    marks, estates, scores = (np.load(folder / f"{name}.npy") for name in ("marks", "estates", "scores"))
    bounds = np.searchsorted(estates, np.arange(ESTATES + 1))

    def add_up() -> None:
        for first, last in itertools.pairwise(bounds):
            y = scores[first:last]
            int(y.sum()), int((y * y).sum())
            for position in range(INDICATORS):
                np.bincount(marks[first:last, position])

    return {"numpy": statistics.median(timed(add_up) for _ in range(REPEATS))}


def timed(what: Callable[[], object]) -> float:
    """Seconds that it takes."""
    began = time.perf_counter()
    what()
    return time.perf_counter() - began


def held() -> float:
    """What this process holds now, in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1024**2


def peak() -> float:
    """The most memory that this process has held, in MB (getrusage's figure is inherited from who started it)."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def application(url: str) -> Flask:
    """The product on the database under measurement."""
    return create_app({"SQLALCHEMY_DATABASE_URI": url, "DATA_DIR": FOLDER, "SECRET_KEY": "benchmark"})


def in_own_process(*arguments: str) -> dict[str, float]:
    """What one measurement prints, in a process that has done nothing else."""
    command = [sys.executable, "-m", "benchmarks.tallies", "--measure", *arguments]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603  # ourselves
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


# ---- other ways of storing marks


def alternatives(marks: Numbers, estates: Numbers) -> dict[str, float]:
    """Seconds that each way takes on SQLite for the histograms of all these rows."""
    import sqlite3

    lines = marks.tobytes().decode()
    texts = [lines[n * INDICATORS : (n + 1) * INDICATORS] for n in range(len(marks))]
    raw = sqlite3.connect(":memory:")
    columns = ", ".join(f"m{n} INTEGER" for n in range(INDICATORS))
    raw.execute(f"CREATE TABLE wide (estate INTEGER, {columns})")
    holes = ", ".join("?" * (INDICATORS + 1))
    raw.executemany(
        f"INSERT INTO wide VALUES ({holes})",  # noqa: S608  # constants
        ((int(e), *map(int, text)) for e, text in zip(estates, texts, strict=True)),
    )
    raw.execute("CREATE TABLE child (estate INTEGER, evaluation INTEGER, indicator INTEGER, mark INTEGER)")
    raw.executemany(
        "INSERT INTO child VALUES (?, ?, ?, ?)",
        (
            (int(e), n, i, int(mark))
            for n, (e, text) in enumerate(zip(estates, texts, strict=True))
            for i, mark in enumerate(text)
        ),
    )
    raw.execute("CREATE INDEX child_tally ON child (estate, indicator, mark)")
    raw.execute("CREATE TABLE line (estate INTEGER, marks TEXT)")
    raw.executemany("INSERT INTO line VALUES (?, ?)", zip(map(int, estates), texts, strict=True))
    raw.execute("CREATE INDEX line_tally ON line (estate, marks)")

    def run(*statements: str) -> Callable[[], object]:
        return lambda: [raw.execute(statement).fetchall() for statement in statements]

    def laid_end_to_end() -> None:
        for _estate, text in raw.execute("SELECT estate, group_concat(marks, '') FROM line GROUP BY estate"):
            signs = np.frombuffer(text.encode(), np.uint8).reshape(-1, INDICATORS)
            for position in range(INDICATORS):
                np.bincount(signs[:, position])

    by_column = [f"SELECT estate, m{n}, count(*) FROM wide GROUP BY 1, 2" for n in range(INDICATORS)]  # noqa: S608
    by_sign = [
        f"SELECT estate, substr(marks, {n + 1}, 1), count(*) FROM line GROUP BY 1, 2"  # noqa: S608
        for n in range(INDICATORS)
    ]
    ways = {
        "a row an indicator, grouped": run("SELECT estate, indicator, mark, count(*) FROM child GROUP BY 1, 2, 3"),
        "a column an indicator, grouped": run(*by_column),
        "one text, `substr` grouped": run(*by_sign),
        "one text, laid end to end, counted by numpy": laid_end_to_end,
    }
    return {name: timed(way) for name, way in ways.items()}


# ---- the run


def run(count: int, databases: list[str]) -> str:
    """Build, measure and describe."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    say(f"drawing {count:,} evaluations")
    marks, estates = draw(count)
    scores = scores_of(marks)
    for name, array in (("marks", marks), ("estates", estates), ("scores", scores)):
        np.save(FOLDER / f"{name}.npy", array)
    found: dict[str, dict[str, float]] = {}
    plain = [in_own_process("numpy", str(FOLDER))["numpy"]]
    for kind in databases:
        found[kind] = _of_database(kind, marks, estates, scores)
        # Numpy once more, after each database: what else the machine does meanwhile shows in both.
        plain.append(in_own_process("numpy", str(FOLDER))["numpy"])
    found["numpy"] = {"numpy": statistics.median(plain)}
    say("other ways of storing marks")
    tenth = max(1, count // 10)
    others = alternatives(marks[::10][:tenth], estates[::10][:tenth])
    shutil.rmtree(FOLDER)
    return described(count, found, others)


def _of_database(kind: str, marks: Numbers, estates: Numbers, scores: Numbers) -> dict[str, float]:
    say(f"loading {kind}")
    server = postgresql.start() if kind == "postgresql" else None
    try:
        url = server.create("bench") if server else f"sqlite:///{FOLDER / 'bench.sqlite3'}"
        app = application(url)
        with app.app_context():
            upgrade()
        round_id, ids = make_round(app, len(marks))
        check_scores(app, round_id, marks, scores)
        add_turnout(app, ids, estates)
        (load_postgresql if server else load_sqlite)(app, rows(ids, marks, estates, scores))
        with app.app_context():
            close_connections()
        say(f"measuring {kind}")
        return in_own_process("database", url, str(round_id))
    finally:
        if server:
            server.stop()


def described(count: int, found: dict[str, dict[str, float]], others: dict[str, float]) -> str:
    """The tables for docs/performance.md."""
    plain = found["numpy"]["numpy"]
    lines = [
        f"{count:,} residents' evaluations × {INDICATORS} indicators, {ESTATES} estates, {COMPANIES} companies;"
        f" median of {REPEATS}. numpy alone, from arrays in memory: {plain:.2f} s.",
        "",
        "| from | tallies | tallies and scorecard | × numpy | MB above idle |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {kind} | {one['tallies']:.2f} s | {one['scorecard']:.2f} s | {one['scorecard'] / plain:.1f} "
        f"| {one['megabytes']:.0f} |"
        for kind, one in found.items()
        if kind != "numpy"
    ]
    lines += [
        "",
        f"Other ways of storing marks, histograms only, {count // 10:,} rows in SQLite's memory:",
        "",
        "| way | seconds |",
        "|---|---|",
    ]
    return "\n".join(lines + [f"| {name} | {seconds:.2f} |" for name, seconds in others.items()])


def say(what: str) -> None:
    """Tell how far it is."""
    print(f"{what} …", file=sys.stderr, flush=True)  # noqa: T201  # a program for the terminal


def main() -> None:
    """Run, or do one measurement for the run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--evaluations", type=int, default=10_000_000)
    parser.add_argument("--database", action="append", choices=["sqlite", "postgresql"])
    parser.add_argument("--measure", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        what, *rest = given.measure
        found = measure_numpy(Path(rest[0])) if what == "numpy" else measure_database(rest[0], int(rest[1]))
        print(json.dumps(found))  # noqa: T201  # read by the process that started this one
        return
    text = run(given.evaluations, given.database or ["sqlite", "postgresql"])
    figures.keep("tallies", text, page=PAGE)
    print(text)  # noqa: T201  # a program for the terminal


if __name__ == "__main__":
    main()
