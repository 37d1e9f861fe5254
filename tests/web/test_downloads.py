"""Files that are saved have the name that was meant, in whatever language."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from werkzeug.http import parse_options_header

from rating.web.downloads import download, shown_file

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.sqlite_only(reason="headers don't hang on the database")
@pytest.mark.parametrize("name", ["talks.csv", "小区 名单.csv", 'a"b;c.csv', "100%.csv"])
def test_a_file_is_saved_under_its_name(app: Flask, name: str) -> None:
    with app.test_request_context():
        for made, how in (
            (download(b"", "text/csv", name), "attachment"),
            (shown_file(b"", "text/csv", name), "inline"),
        ):
            header = made.headers["Content-Disposition"]
            assert header.isascii()
            assert parse_options_header(header) == (how, {"filename": name})


def test_names_of_files_are_given_in_one_place() -> None:
    naming = [path for path in (ROOT / "rating").rglob("*.py") if "Content-Disposition" in path.read_text("utf-8")]
    assert [path.name for path in naming] == ["downloads.py"]
