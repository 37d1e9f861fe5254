"""rating serve starts nothing that could serve half a site."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def serve(folder: Path) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RATING_")}
    database = f"sqlite:///{folder / 'rating.sqlite3'}"
    settings = {"RATING_DATABASE_URL": database, "RATING_DATA_DIR": str(folder), "RATING_SECRET_KEY": "k" * 40}
    return subprocess.run(
        [sys.executable, "-m", "rating.cli", "serve", "--port", "1"],
        env={**kept, **settings}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_a_database_without_tables_is_refused_in_one_sentence(tmp_path: Path) -> None:
    refused = serve(tmp_path)
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1 and "has no tables yet" in refused.stderr
    assert "Run “rating db upgrade”" in refused.stderr
