"""Keeps a proof's figures in docs/development.md, in a part of its own."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "development.md"


def keep(proof: str, text: str) -> None:
    """Put `text` in place of what stands between this proof's marks, which are added at the end where missing."""
    first, last = f"<!-- proof: {proof} -->", f"<!-- end of {proof} -->"
    page = PAGE.read_text(encoding="utf-8")
    if first not in page:
        page = f"{page.rstrip()}\n\n{first}\n{last}\n"
    whole = re.compile(f"{re.escape(first)}.*?{re.escape(last)}", re.DOTALL)
    page = whole.sub(lambda _found: f"{first}\n{text.strip()}\n{last}", page)
    PAGE.write_text(page, encoding="utf-8")
