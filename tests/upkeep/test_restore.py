"""A backup comes back whole, on either kind of database, or not at all."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask
from flask_migrate import upgrade

from rating.extensions import db
from rating.registry.models import Company, Subdistrict
from rating.results.models import StoredScorecard
from rating.upkeep.revisions import find_revision, newest_revision
from rating.upkeep.service import check
from tests.factories import EventFactory, SubdistrictFactory
from tests.upkeep.town import Installation, build_whole_town, run

Run = Callable[..., Result]
SUBDISTRICT = {"name": "subdistrict", "columns": {"id": "integer", "code": "text", "name": "text"}, "key": ["id"]}
COMMUNITY = {
    "name": "community",
    "columns": {"id": "integer", "code": "text", "name": "text", "subdistrict_id": "integer", "phone": "text"},
    "key": ["id"],
}
OLDER = "0002"


def write(path: Path, tables: list[tuple[dict[str, Any], list[list[Any]]]], **changed: Any) -> Path:
    """A backup made by hand."""
    described = []
    with zipfile.ZipFile(path, "w") as archive:
        for table, rows in tables:
            content = "".join(json.dumps(row) + "\n" for row in rows).encode()
            archive.writestr(f"{table['name']}.jsonl", content)
            digest = hashlib.sha256(content).hexdigest()
            described.append({"table": {**table, "parent": None}, "rows": len(rows), "sha256": digest})
        head = {"format": 1, "revision": OLDER, "made_at": "2026-01-01", "open_rounds": [], "key_check": ""}
        archive.writestr("manifest.json", json.dumps({**head, "tables": described, **changed}))
    return path


def rewrite(path: Path, name: str, change: Callable[[bytes], bytes]) -> None:
    """Change one file of a backup, and nothing else."""
    with zipfile.ZipFile(path) as archive:
        contents = {one: archive.read(one) for one in archive.namelist()}
    contents[name] = change(contents[name])
    with zipfile.ZipFile(path, "w") as archive:
        for one, content in contents.items():
            archive.writestr(one, content)


def tables(app: Flask) -> list[str]:
    with app.app_context():
        return sa.inspect(db.engine).get_table_names()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_whole_town_moves_to_any_database_and_its_backup_is_the_same_to_the_byte(
    app: Flask, run_command: Run, install: Installation, tmp_path: Path, kind: str
) -> None:
    build_whole_town()
    run_command("backup", tmp_path / "first.zip")
    other = install(kind)
    assert "restored" in run(other, "restore", tmp_path / "first.zip").output
    assert run(other, "backup", tmp_path / "second.zip").exit_code == 0
    assert (tmp_path / "first.zip").read_bytes() == (tmp_path / "second.zip").read_bytes()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_restored_database_goes_on_numbering_and_keeps_what_is_frozen(
    app: Flask, run_command: Run, install: Installation, tmp_path: Path, kind: str
) -> None:
    build_whole_town()
    last = db.session.scalar(sa.select(sa.func.max(Subdistrict.id)))
    branch = db.session.scalars(sa.select(Company.id).where(Company.name == "分公司")).one()
    run_command("backup", tmp_path / "backup.zip")
    other = install(kind)
    run(other, "restore", tmp_path / "backup.zip")
    with other.app_context():
        moved = db.session.get_one(Company, branch)
        assert moved.parent is not None
        assert moved.parent.name == "总公司"
        db.session.add(Subdistrict(code="NEW", name="新街道"))
        db.session.flush()
        assert db.session.scalars(sa.select(Subdistrict.id).where(Subdistrict.code == "NEW")).one() == last + 1
        with pytest.raises(sa.exc.DBAPIError, match="a scorecard is frozen"):
            db.session.execute(sa.update(StoredScorecard).values(content="{}"))
        db.session.rollback()


def test_only_an_empty_database_is_filled(app: Flask, run_command: Run, tmp_path: Path) -> None:
    SubdistrictFactory()
    run_command("backup", tmp_path / "backup.zip")
    assert (
        "not empty: there are rows in subdistrict" in run_command("restore", tmp_path / "backup.zip", fails=True).output
    )
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Subdistrict)) == 1


def test_a_database_that_was_only_migrated_may_be_filled(
    app: Flask, run_command: Run, install: Installation, tmp_path: Path
) -> None:
    run_command("backup", tmp_path / "backup.zip")
    other = install()
    with other.app_context():
        upgrade()
    assert run(other, "restore", tmp_path / "backup.zip").exit_code == 0


def test_tables_of_another_revision_are_left_alone(install: Installation, tmp_path: Path) -> None:
    other = install()
    with other.app_context():
        upgrade()
    result = run(other, "restore", write(tmp_path / "old.zip", [(SUBDISTRICT, [])]))
    assert result.exit_code == 1
    assert "tables of another revision" in result.output


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("subdistrict.jsonl", lambda content: content.replace("街道".encode(), "乡镇".encode())),
        ("subdistrict.jsonl", lambda content: content[:-1]),
        ("subdistrict.jsonl", lambda content: content + b'[9,"S999","one more"]\n'),
        ("manifest.json", lambda content: content.replace(b'"subdistrict"', b'"subdistricts"')),
        ("manifest.json", lambda content: content[:-3]),
    ],
)
@pytest.mark.sqlite_only(reason="the file is looked at before any database")
def test_a_damaged_backup_is_refused_before_the_database_is_touched(
    app: Flask, run_command: Run, install: Installation, tmp_path: Path, name: str, change: Callable[[bytes], bytes]
) -> None:
    SubdistrictFactory()
    run_command("backup", tmp_path / "backup.zip")
    rewrite(tmp_path / "backup.zip", name, change)
    other = install()
    result = run(other, "restore", tmp_path / "backup.zip")
    assert result.exit_code == 1
    assert tables(other) == []


@pytest.mark.sqlite_only(reason="the file is looked at before any database")
def test_a_flipped_bit_anywhere_in_the_file_is_noticed(
    app: Flask, run_command: Run, install: Installation, tmp_path: Path
) -> None:
    SubdistrictFactory.create_batch(20)
    run_command("backup", tmp_path / "backup.zip")
    whole = (tmp_path / "backup.zip").read_bytes()
    other = install()
    with zipfile.ZipFile(tmp_path / "backup.zip") as archive:
        start = archive.getinfo("subdistrict.jsonl").header_offset + 80
    for place in range(start, start + 60, 7):
        (tmp_path / "bad.zip").write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        assert run(other, "restore", tmp_path / "bad.zip").exit_code == 1
    assert tables(other) == []


@pytest.mark.sqlite_only(reason="the file is looked at before any database")
@pytest.mark.parametrize(
    ("changed", "said"),
    [({"revision": "9999"}, "newer version"), ({"format": 3}, "newer version"), ({"surprise": 1}, "no backup")],
)
def test_a_backup_that_this_version_does_not_know_is_refused(
    app: Flask, install: Installation, tmp_path: Path, changed: dict[str, Any], said: str
) -> None:
    other = install()
    result = run(other, "restore", write(tmp_path / "new.zip", [(SUBDISTRICT, [])], **changed))
    assert result.exit_code == 1
    assert said in result.output
    assert tables(other) == []


@pytest.mark.sqlite_only(reason="the file is looked at before any database")
@pytest.mark.parametrize("content", [None, b"", b"PK\x05\x06" + bytes(18), b"not a backup"])
def test_another_file_is_no_backup(app: Flask, install: Installation, tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "file.zip").write_bytes(content)
    assert run(install(), "restore", tmp_path / "file.zip").exit_code == 1


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_older_backup_is_brought_to_this_version(install: Installation, tmp_path: Path, kind: str) -> None:
    other = install(kind)
    result = run(other, "restore", write(tmp_path / "old.zip", [(SUBDISTRICT, [[3, "S3", "城东"], [5, "S5", "城西"]])]))
    assert result.exit_code == 0, result.output
    with other.app_context():
        assert [one.name for one in Subdistrict.query.order_by(Subdistrict.id)] == ["城东", "城西"]
        assert find_revision(db.session.connection()) == newest_revision()
        db.session.rollback()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_backup_that_the_database_refuses_leaves_nothing(install: Installation, tmp_path: Path, kind: str) -> None:
    orphan = [(SUBDISTRICT, [[1, "S1", "城东"]]), (COMMUNITY, [[1, "C1", "和平", 2, ""]])]
    other = install(kind)
    result = run(other, "restore", write(tmp_path / "bad.zip", orphan))
    assert result.exit_code == 1
    assert "refuses a row of community" in result.output
    with other.app_context():
        assert db.session.scalar(sa.text("SELECT count(*) FROM subdistrict")) == 0
        db.session.rollback()
    assert run(other, "restore", write(tmp_path / "good.zip", orphan[:1])).exit_code == 0


def test_another_application_key_is_told(app: Flask, run_command: Run, install: Installation, tmp_path: Path) -> None:
    run_command("backup", tmp_path / "backup.zip")
    same, different = install(), install()
    different.config["SECRET_KEY"] = "another key"
    here = run(same, "restore", tmp_path / "backup.zip")
    assert "application key" not in here.stderr and "seal" not in here.stderr
    assert "sealed under the application key here" in here.stdout
    there = run(different, "restore", tmp_path / "backup.zip")
    assert "application key here is not the one" in there.stderr and "sealed" not in there.stdout


def test_a_backup_that_was_changed_with_its_check_sums_lacks_the_seal(
    app: Flask, run_command: Run, install: Installation, tmp_path: Path
) -> None:
    """Whoever changes rows and makes the manifest fit them can't make the seal."""
    SubdistrictFactory(name="城东")
    db.session.commit()
    run_command("backup", tmp_path / "backup.zip")
    digests: list[str] = []

    def move(content: bytes) -> bytes:
        changed = content.replace("城东".encode(), "城西".encode())
        digests.extend(hashlib.sha256(one).hexdigest() for one in (content, changed))
        return changed

    rewrite(tmp_path / "backup.zip", "subdistrict.jsonl", move)
    assert digests[0] != digests[1]
    rewrite(tmp_path / "backup.zip", "manifest.json", lambda old: old.replace(*(one.encode() for one in digests)))
    result = run(install(), "restore", tmp_path / "backup.zip")
    assert "carries no seal" in result.stderr and "sealed" not in result.stdout


def test_a_backup_of_before_there_were_seals_is_restored_with_a_warning(install: Installation, tmp_path: Path) -> None:
    other = install()
    old = write(tmp_path / "old.zip", [], key_check=check(other.config["SECRET_KEY"]))
    result = run(other, "restore", old)
    assert result.exit_code == 0 and "carries no seal" in result.stderr


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_event_log_comes_back_as_the_same_chain_and_goes_on(
    app: Flask, install: Installation, tmp_path: Path, run_command: Run, kind: str
) -> None:
    EventFactory.create_batch(12, reason="因为", data={"count": 1, "share": 0.1})
    head = EventFactory().hash.hex()
    run_command("backup", tmp_path / "town.zip")
    there = install(kind)
    run(there, "restore", tmp_path / "town.zip")
    assert "the head that was given is event 13" in run(there, "audit", "verify", "--head", head).output
    with there.app_context():
        assert EventFactory().number == 14
        db.session.commit()
    assert run(there, "audit", "verify", "--head", head).exit_code == 0
