"""A backup holds everything of one moment, in an order that tells nothing, and no more than it must."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from rating.extensions import db
from rating.upkeep import service
from rating.upkeep.queries import count_rows, snapshot
from rating.upkeep.tables import LEFT_OUT, kind_of, list_tables
from tests.factories import RatedEstateFactory, RoundFactory, StaffSessionFactory, SubdistrictFactory, TraceFactory
from tests.results.town import draw_marks, questionnaire, take_in
from tests.support.clock import Clock
from tests.upkeep.town import build_whole_town

Run = Callable[..., Result]


def rows(path: Path, table: str) -> list[list[Any]]:
    with zipfile.ZipFile(path) as archive:
        return [json.loads(line) for line in archive.read(f"{table}.jsonl").splitlines()]


def manifest(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as archive:
        content: dict[str, Any] = json.loads(archive.read("manifest.json"))
    return content


def test_every_table_is_in_a_backup_or_left_out_on_purpose(app: Flask) -> None:
    there = set(sa.inspect(db.engine).get_table_names()) - {"alembic_version"}
    assert {table.name for table in list_tables()} == there - LEFT_OUT
    assert there >= LEFT_OUT


@pytest.mark.sqlite_only(reason="columns are looked at, not the database")
def test_a_column_of_a_type_that_backups_don_t_know_is_refused(app: Flask) -> None:
    with pytest.raises(TypeError, match="don't know columns"):
        kind_of(sa.Interval())


def test_the_file_is_for_its_owner_alone_and_nothing_lies_beside_it(
    app: Flask, run_command: Run, tmp_path: Path
) -> None:
    run_command("backup", tmp_path / "backup.zip")
    assert [(file.name, file.stat().st_mode & 0o777) for file in tmp_path.iterdir()] == [("backup.zip", 0o600)]


def test_a_backup_is_never_written_over(app: Flask, run_command: Run, tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    file.write_text("the one of yesterday")
    assert "already exists" in run_command("backup", file, fails=True).output
    assert file.read_text() == "the one of yesterday"


def test_a_backup_that_fails_leaves_no_file(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(service, "write_archive", full)
    with pytest.raises(OSError, match="no space"):
        service.write_backup(tmp_path / "backup.zip", Clock()(), "key", print)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_told(app: Flask, run_command: Run, tmp_path: Path) -> None:
    assert "no folder" in run_command("backup", tmp_path / "missing" / "backup.zip", fails=True).output


def test_a_backup_is_of_one_moment_and_nobody_waits_for_it(app: Flask) -> None:
    SubdistrictFactory()
    db.session.commit()
    table = next(table for table in list_tables() if table.name == "subdistrict")
    with snapshot() as connection:
        assert count_rows(connection, table) == 1
        SubdistrictFactory()
        db.session.commit()
        assert count_rows(connection, table) == 1
    with snapshot() as connection:
        assert count_rows(connection, table) == 2


def test_a_backup_cannot_write(app: Flask) -> None:
    with pytest.raises(sa.exc.DBAPIError), snapshot() as connection:
        connection.execute(sa.text("DELETE FROM subdistrict"))


def test_rows_lie_in_the_order_of_their_keys_not_in_that_of_coming(
    app: Flask, run_command: Run, tmp_path: Path
) -> None:
    rated = RatedEstateFactory(households=60)
    take_in(rated, draw_marks(questionnaire(rated), 4, 60, 1))
    run_command("backup", tmp_path / "backup.zip")
    keys = [row[0] for row in rows(tmp_path / "backup.zip", "evaluation")]
    assert len(keys) == 60
    assert keys == sorted(keys)
    assert rows(tmp_path / "backup.zip", "participation") == [[rated.id, "1" * 60]]


def test_who_is_signed_in_and_traces_of_networks_are_not_in_a_backup(
    app: Flask, run_command: Run, tmp_path: Path
) -> None:
    StaffSessionFactory()
    trace = TraceFactory().network
    run_command("backup", tmp_path / "backup.zip")
    with zipfile.ZipFile(tmp_path / "backup.zip") as archive:
        assert not {f"{name}.jsonl" for name in LEFT_OUT} & set(archive.namelist())
        assert all(trace not in archive.read(name) for name in archive.namelist())


def test_the_application_key_is_not_in_a_backup(app: Flask, run_command: Run, tmp_path: Path) -> None:
    run_command("backup", tmp_path / "backup.zip")
    with zipfile.ZipFile(tmp_path / "backup.zip") as archive:
        assert all(app.config["SECRET_KEY"].encode() not in archive.read(name) for name in archive.namelist())


def test_a_backup_of_an_open_round_says_so(app: Flask, run_command: Run, tmp_path: Path) -> None:
    RoundFactory(open=True, number=7)
    result = run_command("backup", tmp_path / "backup.zip")
    assert "Round 7 is open" in result.stderr
    assert "30 days after" in result.stderr
    assert manifest(tmp_path / "backup.zip")["open_rounds"] == [7]


def test_a_backup_of_closed_rounds_needs_no_such_word(app: Flask, run_command: Run, tmp_path: Path) -> None:
    RoundFactory(closed=True)
    assert "is open" not in run_command("backup", tmp_path / "backup.zip").stderr
    assert manifest(tmp_path / "backup.zip")["open_rounds"] == []


def test_the_manifest_says_what_the_files_are(app: Flask, run_command: Run, tmp_path: Path) -> None:
    build_whole_town()
    result = run_command("backup", tmp_path / "backup.zip")
    described = manifest(tmp_path / "backup.zip")
    assert {one["table"]["name"]: one["rows"] for one in described["tables"]} == {
        table.name: len(rows(tmp_path / "backup.zip", table.name)) for table in list_tables()
    }
    assert [one["table"]["name"] for one in described["tables"] if one["rows"] == 0] == []
    assert f"evaluation: {len(rows(tmp_path / 'backup.zip', 'evaluation'))} rows" in result.stderr
