"""What is measured side by side: ours and the bare app on both databases, and django-survey-and-report.

Each subject makes its data once and can then be started as often as wanted; all are served by the same gunicorn with
the same kind and number of workers.
"""

from __future__ import annotations

import itertools
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from flask_migrate import upgrade
from sqlalchemy import insert

from benchmarks import processes
from benchmarks.visits import Visit, fill_in_survey, rate
from rating.app import create_app
from rating.cli import gunicorn_command
from rating.config import ROOT
from rating.extensions import db
from rating.rounds.codes import code_hash, new_code
from rating.rounds.models import HouseholdCode
from rating.rulebooks.service import DEFAULT, read_document
from rating.scoring import Direction
from rating.storage.engines import close_connections
from rating.web.request import code_key
from tests.factories import TODAY, CompanyFactory, RatedEstateFactory, RoundFactory
from tests.support import postgresql

FOLDER = ROOT / "var" / "bench"
SURVEY = ROOT / "benchmarks" / "survey"
KEY = "benchmark"
ESTATES, COMPANIES = 260, 69
WORKERS, THREADS = 2, 4  # as `rating serve`
PINNED: tuple[str, ...] = ()  # a command that keeps the server on some processors
# As PostgreSQL comes, durable; only its memory is given.
POSTGRESQL = ("fsync=on", "synchronous_commit=on", "full_page_writes=on", "shared_buffers=256MB", "max_connections=60")


@dataclass(slots=True)
class Subject:
    """One server to measure: `start(port)` serves it, `codes` are what its residents hold."""

    name: str
    visit: Visit
    start: Callable[[int], processes.Server]
    codes: Iterator[str] = field(default_factory=lambda: iter(itertools.repeat("")))
    database: postgresql.Server | None = None

    def memory_of(self, server: processes.Server) -> tuple[float, float]:
        """PSS in MB of its server, and of its database's processes."""
        database = processes.memory(processes.family(self.database.process.pid)) if self.database else 0.0
        return processes.memory(processes.family(server.process.pid)), database

    def processes_of(self, server: processes.Server) -> list[int]:
        """All that work for it, the database's processes too."""
        return processes.family(server.process.pid, *([self.database.process.pid] if self.database else ()))


def fresh_folder(name: str) -> Path:
    """An empty folder for one subject's data."""
    folder = FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def gunicorn(module: str, folder: Path, url: str) -> Callable[[int], processes.Server]:
    """How a Flask subject is started: as `rating serve` starts ours, on the processors that are PINNED."""

    def start(port: int) -> processes.Server:
        served = gunicorn_command("127.0.0.1", port, WORKERS, THREADS)
        command = [*PINNED, *(module if word == "wsgi:app" else word for word in served)]
        settings = {"RATING_DATABASE_URL": url, "RATING_DATA_DIR": str(folder), "RATING_SECRET_KEY": KEY}
        log = folder / "server.log"
        return processes.serve(command, port, ROOT, log, PORT=str(port), RATING_TODAY=TODAY.isoformat(), **settings)

    return start


def ours(name: str, households: int, database: postgresql.Server | None) -> Subject:
    """A city of the usual size in an open round, each household with its code."""
    folder = fresh_folder(name)
    url = database.create("ours") if database else f"sqlite:///{folder / 'rating.sqlite3'}"
    app = create_app({"SQLALCHEMY_DATABASE_URI": url, "DATA_DIR": folder, "SECRET_KEY": KEY})
    with app.app_context():
        upgrade()
        round_ = RoundFactory(open=True)
        companies = [CompanyFactory() for _ in range(COMPANIES)]
        rated = [
            RatedEstateFactory(round=round_, company=companies[number % COMPANIES], households=households)
            for number in range(ESTATES)
        ]
        key = code_key()
        codes = []
        for one in rated:
            of_estate = [new_code() for _ in range(households)]
            rows = [
                {"rated_estate_id": one.id, "household_number": number, "code_hash": code_hash(key, code)}
                for number, code in enumerate(of_estate, start=1)
            ]
            db.session.execute(insert(HouseholdCode), rows)
            codes += of_estate
        db.session.commit()
        close_connections()
    shuffled = secrets.SystemRandom().sample(codes, len(codes))
    return Subject(name, rate, gunicorn("wsgi:app", folder, url), iter(shuffled), database)


def bare(name: str, database: postgresql.Server | None) -> Subject:
    """The app that does the least."""
    folder = fresh_folder(name)
    url = database.create("bare") if database else f"sqlite:///{folder / 'bare.sqlite3'}"
    start = gunicorn("benchmarks.bare:from_environment()", folder, url)
    return Subject(name, rate, start, (f"{number:016}" for number in itertools.count()), database)


def django_survey(name: str) -> Subject:
    """django-survey-and-report with the questions of our default rulebook, in an environment that is made once."""
    python = _environment()
    folder = fresh_folder(name)
    _, content = read_document(DEFAULT.read_text(encoding="utf-8"))
    questions = content.questionnaire(Direction.RESIDENT_TO_COMPANY)
    (folder / "questions.txt").write_text("\n".join(one.text.en for one in questions.indicators), encoding="utf-8")
    settings = {"DJANGO_FOLDER": str(folder), "DJANGO_SECRET_KEY": secrets.token_hex(32)}
    subprocess.run(  # noqa: S603  # our own program
        [python, SURVEY / "survey_site.py", folder / "questions.txt"], cwd=SURVEY, env=settings, check=True
    )

    def start(port: int) -> processes.Server:
        command = [
            "survey_site:application" if w == "wsgi:app" else w
            for w in gunicorn_command("127.0.0.1", port, WORKERS, THREADS)
        ]
        command = [str(SURVEY) if word == str(ROOT) else word for word in command]
        own = command.index("--logger-class")  # what log lines may hold is ours to care about
        del command[own : own + 2]
        return processes.serve([str(python), *command[1:]], port, SURVEY, folder / "server.log", **settings)

    return Subject(name, fill_in_survey, start)


def _environment() -> Path:
    """The interpreter of the survey's own environment, with what its pinned file names."""
    place = FOLDER / "survey-environment"
    pins, done = SURVEY / "requirements.lock", place / "installed.lock"
    if not done.exists() or done.read_bytes() != pins.read_bytes():
        shutil.rmtree(place, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", place], check=True)  # noqa: S603  # our own interpreter
        pip = [place / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "--quiet"]
        subprocess.run([*pip, "install", "--require-hashes", "-r", pins], check=True)  # noqa: S603  # pinned
        shutil.copyfile(pins, done)
    return place / "bin" / "python"
