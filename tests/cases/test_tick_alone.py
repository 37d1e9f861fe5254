"""`rating tick` as a timer runs it: a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_tick_brings_its_own_context(tmp_path: Path) -> None:
    environment = {**os.environ, "RATING_DATA_DIR": str(tmp_path)}
    for words in (["db", "upgrade"], ["tick"], ["tick"]):
        command = [sys.executable, "-m", "rating.cli", *words]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    assert "overdue commitments: 0 begun" in done.stdout
