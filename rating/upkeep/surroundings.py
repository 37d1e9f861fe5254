"""Whether the machine suits: the application key, the data folder, the clock, fonts for printing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from rating.server.site import Site
from rating.upkeep.findings import Finding, look, ok, one_line, wrong
from rating.web.pdf import why_no_pdf

OTHERS_MAY = 0o077
MIB = 1024 * 1024
TOO_LITTLE = 100 * MIB
LITTLE = 1024 * MIB
SHORTEST_KEY = 32  # characters of RATING_SECRET_KEY


def look_at_key(folder: Path) -> Finding:
    """The application key: there, and for its owner alone."""
    if given := os.environ.get("RATING_SECRET_KEY"):
        if len(given) < SHORTEST_KEY:
            return look("application key", f"RATING_SECRET_KEY is shorter than {SHORTEST_KEY} characters")
        return ok("application key", "from RATING_SECRET_KEY")
    path = folder / "secret.key"
    if not path.is_file():
        return wrong("application key", f"{path} is missing: without it no letter that was printed works")
    if path.stat().st_mode & OTHERS_MAY:
        return wrong("application key", f"others can read {path}: chmod 600 it")
    return ok("application key", f"{path}, for its owner alone; keep a copy apart from the backups")


def key_made_at(folder: Path) -> datetime | None:
    """When the key's file was made; None where the key comes from elsewhere."""
    path = folder / "secret.key"
    if os.environ.get("RATING_SECRET_KEY") or not path.is_file():
        return None
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def look_at_folder(folder: Path) -> Iterator[Finding]:
    """Room in the data folder, and who can read the database there."""
    free = shutil.disk_usage(folder).free
    words = f"{free // MIB} MiB free in {folder}"
    if free < TOO_LITTLE:
        yield wrong("disk", words)
    else:
        yield look("disk", words) if free < LITTLE else ok("disk", words)
    readable = [file.name for file in folder.glob("rating.sqlite3*") if file.stat().st_mode & 0o007]
    if readable and folder.stat().st_mode & 0o001:
        yield look("files", f"everybody on this machine can read {', '.join(sorted(readable))}: chmod 700 {folder}")


def look_at_printing() -> Finding:
    """Posters and letters as PDF."""
    if (why := why_no_pdf()) is not None:
        return look("printing", str(why))
    return ok("printing", "posters and letters can be made as PDF")


def look_at_site(site: Site) -> Finding:
    """How residents reach it: TLS, the address on letters, whose address counts."""
    if site.demonstration:
        return ok("settings", "RATING_DEMONSTRATION=1: a demonstration may stand anywhere; no page is for residents")
    well = f"{site.base_url}, behind TLS and proxies: {site.proxies}"
    return one_line("settings", (f"set {fault.line} ({fault.why})" for fault in site.faults), well)


def look_at_borrowed_day() -> Iterator[Finding]:
    """A demonstration's clock has no place in service."""
    if borrowed := os.environ.get("RATING_TODAY"):
        yield look("clock", f"RATING_TODAY={borrowed}: the day is a demonstration's, not the real one")
