"""rating import register, and rating import rulebook."""

from collections.abc import Callable
from pathlib import Path

from click.testing import Result
from flask import Flask
from sqlalchemy import select

from rating.extensions import db
from rating.registry.models import Estate
from rating.rulebooks.models import Rulebook
from rating.rulebooks.service import DEFAULT
from tests.registry.test_pages import TOWN

Run = Callable[..., Result]


def write(folder: Path, **changes: str) -> Path:
    for name, text in {**TOWN, **changes}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_a_folder_of_tables_is_imported(app: Flask, run_command: Run, tmp_path: Path) -> None:
    result = run_command("import", "register", write(tmp_path))
    assert "Estates: 1 added, 0 updated, 0 unchanged" in result.output
    assert db.session.scalars(select(Estate.name)).one() == "柳荫花园"


def test_bad_rows_end_the_command_with_every_one_of_them(app: Flask, run_command: Run, tmp_path: Path) -> None:
    folder = write(tmp_path, **{"estates.csv": TOWN["estates.csv"] + "E2,x,C9,many,1\n"})
    result = run_command("import", "register", folder, fails=True)
    assert "Estates, row 3, Households in all: This must be a whole number. [many]" in result.output
    assert "Estates, row 3, Community: This code is neither" in result.output
    assert not db.session.scalars(select(Estate)).all()


def test_a_path_that_is_not_there_is_told(app: Flask, run_command: Run, tmp_path: Path) -> None:
    assert "There is no file or folder" in run_command("import", "register", tmp_path / "none.xlsx", fails=True).output


def test_a_rulebook_is_loaded_from_a_file(app: Flask, run_command: Run) -> None:
    assert "Rulebook default, version 1" in run_command("import", "rulebook", DEFAULT).output
    assert db.session.scalars(select(Rulebook.key)).one() == "default"


def test_a_faulty_rulebook_is_told(app: Flask, run_command: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("key: x\n")
    assert "faults" in run_command("import", "rulebook", tmp_path / "bad.yaml", fails=True).output
    (tmp_path / "bad.yaml").write_bytes(b"\xff\xfe\x00")
    assert "UTF-8" in run_command("import", "rulebook", tmp_path / "bad.yaml", fails=True).output
