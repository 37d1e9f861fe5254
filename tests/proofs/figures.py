"""Keeps a proof's figures in docs/development.md, in a part of its own."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "development.md"


def keep(proof: str, text: str, page: Path = PAGE) -> None:
    """Put `text` in place of what stands between this proof's marks, which a page without them gets at its end."""
    first, last = f"<!-- proof: {proof} -->", f"<!-- end of {proof} -->"
    whole_page = page.read_text(encoding="utf-8")
    if first not in whole_page:
        whole_page = f"{whole_page.rstrip()}\n\n{first}\n{last}\n"
    part = re.compile(f"{re.escape(first)}.*?{re.escape(last)}", re.DOTALL)
    page.write_text(part.sub(lambda _found: f"{first}\n{text.strip()}\n{last}", whole_page), encoding="utf-8")
