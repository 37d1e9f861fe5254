"""What takes long to load is loaded where it is used: a worker for residents' requests is small and starts at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HEAVY = {
    "PIL", "fontTools", "holidays", "numpy", "pypdf", "python_calamine", "scipy", "segno", "weasyprint", "xlsxwriter",
    "zxcvbn",
}  # fmt: skip
APPLICATION = "from rating.app import create_app; create_app({'SECRET_KEY': 'k' * 40, 'DATA_DIR': folder})"
A_QUANTILE = (
    "from decimal import Decimal; from rating.scoring.quantiles import t_quantile; t_quantile(9, Decimal('0.9'))"
)


def loaded(code: str, folder: Path) -> set[str]:
    """The packages that a fresh process has loaded once it has run this."""
    code = f"import sys; from pathlib import Path; folder = Path(sys.argv[1]); {code}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_an_application_loads_nothing_that_few_requests_need(tmp_path: Path) -> None:
    found = loaded(APPLICATION, tmp_path)
    assert "flask" in found
    assert HEAVY & found == set()


def test_the_command_line_loads_no_application_before_a_command_needs_one(tmp_path: Path) -> None:
    found = loaded("import rating.cli", tmp_path)
    assert "flask" in found
    assert (HEAVY | {"sqlalchemy", "wtforms", "flask_security"}) & found == set()


def test_control_what_is_used_is_loaded(tmp_path: Path) -> None:
    assert "scipy" in loaded(f"{APPLICATION}; {A_QUANTILE}", tmp_path)
