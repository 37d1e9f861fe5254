"""The doctor tells an operator what is wrong, one line each, and touches nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask
from flask_migrate import upgrade

from rating.access import SYSTEM
from rating.app import create_app
from rating.config import data_dir, secret_key
from rating.evaluations.models import TurnoutDay
from rating.extensions import db
from rating.reviews.service import close_round
from rating.storage.engines import close_connections
from rating.upkeep import surroundings
from tests.factories import (
    DaysOffNoticeFactory,
    EventFactory,
    HouseholdCodeFactory,
    ParticipationFactory,
    RatedEstateFactory,
    RoundFactory,
    ScorecardFactory,
    StaffSessionFactory,
    SubdistrictFactory,
)
from tests.results.town import draw_marks, questionnaire, take_in
from tests.support.clock import START, Clock
from tests.upkeep.town import run

Run = Callable[..., Result]


def line(result: Result, subject: str) -> str:
    """What the doctor says of a subject, with its verdict."""
    return next(one for one in result.output.splitlines() if one.split(None, 1)[1].startswith(f"{subject}: "))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Flask]:
    """An installation as an operator makes it: durable, with its key in a file."""
    app = create_app({
        "DATA_DIR": tmp_path, "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path}/rating.sqlite3",
        "BASE_URL": "https://rating.test", "HTTPS": True, "PROXIES": 1,
    })  # fmt: skip
    with app.app_context():
        upgrade()
    yield app
    with app.app_context():
        close_connections()


def test_an_installation_that_is_well_is_told_so(house: Flask) -> None:
    result = run(house, "doctor")
    assert result.exit_code == 0
    assert "wrong" not in result.output
    assert line(result, "database").startswith("ok ")
    assert line(result, "SQLite").startswith("ok ")
    assert "synchronous FULL" in line(result, "SQLite")
    assert line(result, "evaluations").startswith("ok ")


def test_the_doctor_changes_nothing(house: Flask, tmp_path: Path) -> None:
    run(house, "doctor")
    before = (tmp_path / "rating.sqlite3").read_bytes()
    run(house, "doctor")
    assert (tmp_path / "rating.sqlite3").read_bytes() == before


def test_a_key_that_others_can_read_is_wrong(house: Flask, tmp_path: Path) -> None:
    (tmp_path / "secret.key").chmod(0o644)
    result = run(house, "doctor")
    assert result.exit_code == 1
    assert "chmod 600" in line(result, "application key")


def test_a_database_that_everybody_can_read_is_worth_a_look(house: Flask, tmp_path: Path) -> None:
    (tmp_path / "rating.sqlite3").chmod(0o644)
    assert " files: " not in run(house, "doctor").output
    tmp_path.chmod(0o755)
    result = run(house, "doctor")
    assert line(result, "files").startswith("look ") and "chmod 700" in line(result, "files")
    (tmp_path / "rating.sqlite3").chmod(0o640)
    for beside in tmp_path.glob("rating.sqlite3-*"):
        beside.chmod(0o640)
    assert " files: " not in run(house, "doctor").output


def test_the_data_folder_is_made_for_its_owner_alone_and_one_that_is_there_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "there"
    there.mkdir()
    there.chmod(0o755)
    for folder, mode in ((there, 0o755), (tmp_path / "new", 0o700)):
        monkeypatch.setenv("RATING_DATA_DIR", str(folder))
        assert data_dir().stat().st_mode & 0o777 == mode


def test_a_missing_key_is_wrong(house: Flask, tmp_path: Path) -> None:
    (tmp_path / "secret.key").unlink()
    result = run(house, "doctor")
    assert result.exit_code == 1
    assert "no letter that was printed works" in line(result, "application key")
    secret_key(tmp_path)


def test_a_key_that_is_younger_than_the_open_round_is_worth_a_look(house: Flask) -> None:
    """Where the file was lost, the next start makes another, with which no printed letter works."""
    with house.app_context():
        rated = RatedEstateFactory(round=RoundFactory(open=True, opened_at=START - timedelta(days=9000)))
        HouseholdCodeFactory(rated_estate=rated)
        db.session.commit()
    assert "letters printed before don't work" in line(run(house, "doctor"), "letters")


def test_a_database_that_is_not_migrated_is_wrong(tmp_path: Path) -> None:
    app = create_app({"DATA_DIR": tmp_path, "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path}/empty.sqlite3"})
    result = run(app, "doctor")
    assert result.exit_code == 1
    assert "rating db upgrade" in line(result, "database")
    with app.app_context():
        close_connections()


def test_a_database_that_is_away_is_one_line_and_no_traceback(tmp_path: Path) -> None:
    app = create_app({"DATA_DIR": tmp_path, "SQLALCHEMY_DATABASE_URI": f"postgresql://nobody@/x?host={tmp_path}"})
    result = run(app, "doctor")
    assert result.exit_code == 1
    assert line(result, "database").startswith("wrong    database: can't be read")


def test_a_file_that_is_no_database_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "rating.sqlite3").write_bytes(b"SQLite format 3\0" + b"\1" * 5000)
    app = create_app({"DATA_DIR": tmp_path, "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path}/rating.sqlite3"})
    assert line(run(app, "doctor"), "database").startswith("wrong ")
    with app.app_context():
        close_connections()


def test_a_database_that_does_not_wait_for_the_disk_is_wrong(app: Flask, run_command: Run) -> None:
    """The tests' own databases don't."""
    subject = "SQLite" if db.engine.dialect.name == "sqlite" else "PostgreSQL"
    assert "can be lost" in line(run_command("doctor", fails=True), subject)


def test_little_room_is_told(house: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surroundings, "LITTLE", 1 << 60)
    assert line(run(house, "doctor"), "disk").startswith("look ")
    monkeypatch.setattr(surroundings, "TOO_LITTLE", 1 << 60)
    assert line(run(house, "doctor"), "disk").startswith("wrong ")


def test_a_clock_that_went_back_is_wrong(app: Flask, run_command: Run) -> None:
    EventFactory(at=START + timedelta(days=2))
    assert "the log goes on to 2026-09-09" in line(run_command("doctor", fails=True), "time")


def test_evaluations_marks_and_counters_that_agree_are_well(app: Flask, run_command: Run) -> None:
    rated = RatedEstateFactory()
    take_in(rated, draw_marks(questionnaire(rated), 4, 12, 7))
    assert line(run_command("doctor", fails=True), "evaluations").startswith("ok ")


def test_a_mark_without_an_evaluation_is_wrong(app: Flask, run_command: Run) -> None:
    rated = RatedEstateFactory()
    ParticipationFactory(rated_estate=rated, household_number=3)
    said = line(run_command("doctor", fails=True), "evaluations")
    assert said.startswith("wrong ")
    assert f"{rated.estate.code}: 0 evaluations, 0 counted by day, 1 marked" in said


def test_a_counter_that_differs_is_wrong(app: Flask, run_command: Run) -> None:
    rated = RatedEstateFactory()
    take_in(rated, draw_marks(questionnaire(rated), 4, 12, 7))
    db.session.execute(sa.update(TurnoutDay).values(count=TurnoutDay.count + 1))
    assert "12 evaluations, 13 counted by day, 12 marked" in line(run_command("doctor", fails=True), "evaluations")


def test_many_differences_are_counted_not_listed(app: Flask, run_command: Run) -> None:
    for rated in RatedEstateFactory.create_batch(7):
        ParticipationFactory(rated_estate=rated)
    assert line(run_command("doctor", fails=True), "evaluations").endswith("and 2 more")


def test_what_a_closed_round_should_have_forgotten_is_wrong(app: Flask, run_command: Run) -> None:
    rated = RatedEstateFactory(round=RoundFactory(closed=True, number=4))
    ParticipationFactory(rated_estate=rated)
    HouseholdCodeFactory(rated_estate=rated)
    said = line(run_command("doctor", fails=True), "closed rounds")
    assert "round 4 still says who has answered" in said
    assert "round 4 still has household codes" in said


def test_a_closed_round_that_was_not_written_anew_is_worth_a_look_until_it_is(app: Flask, run_command: Run) -> None:
    rated = RatedEstateFactory(round=RoundFactory(open=True, number=4))
    take_in(rated, draw_marks(questionnaire(rated), 4, 12, 7))
    assert line(run_command("doctor", fails=True), "order of arrival").startswith("ok ")
    close_round(rated.round, SYSTEM, START, today_is_past=True)
    db.session.commit()
    said = line(run_command("doctor", fails=True), "order of arrival")
    assert said.startswith("look ") and "round 4 came: run “rating tick”" in said
    run_command("tick")
    assert line(run_command("doctor", fails=True), "order of arrival").startswith("ok ")


def test_a_scorecard_that_was_changed_behind_the_triggers_is_noticed(app: Flask, run_command: Run) -> None:
    ScorecardFactory(digest="0" * 64, sequence=1)
    assert "scorecard 1 was changed" in line(run_command("doctor", fails=True), "digests")


def test_sessions_long_over_show_that_the_timer_stands_still(app: Flask, run_command: Run) -> None:
    assert line(run_command("doctor", fails=True), "rating tick").startswith("ok ")
    StaffSessionFactory(started_at=START - timedelta(days=2), expires_at=START - timedelta(days=1))
    assert "has not run since 2026-09-06" in line(run_command("doctor", fails=True), "rating tick")


def test_nothing_that_a_household_said_is_told(app: Flask, run_command: Run) -> None:
    SubdistrictFactory()
    rated = RatedEstateFactory()
    take_in(rated, ["5555555555"] * 3)
    assert "5555" not in run_command("doctor", fails=True).output


def test_a_year_whose_days_off_are_not_known_is_worth_a_look_until_its_notice_is_entered(
    app: Flask, run_command: Run, clock: Clock
) -> None:
    assert line(run_command("doctor", fails=True), "days off").startswith("ok ")
    clock.set(datetime(2026, 12, 22, 9, tzinfo=UTC))
    assert line(run_command("doctor", fails=True), "days off").startswith("look ")
    DaysOffNoticeFactory(year=2027)
    db.session.commit()
    assert line(run_command("doctor", fails=True), "days off").startswith("ok ")
