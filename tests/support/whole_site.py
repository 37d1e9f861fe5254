"""The site as it is in service: gunicorn behind nginx, over TLS, at https://rating.test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support import gunicorn, nginx
from tests.support.gunicorn import Gunicorn
from tests.support.nginx import NAME, Nginx

ADDRESS = f"https://{NAME}"


@dataclass(frozen=True, slots=True)
class WholeSite:
    """Both servers; `rule` leads a browser that asks for the address here."""

    application: Gunicorn
    web: Nginx

    @property
    def rule(self) -> str:
        """An argument of Chromium's."""
        return f"--host-resolver-rules=MAP {NAME} 127.0.0.1:{self.web.tls}, MAP * ~NOTFOUND"

    def told(self) -> str:
        """All that either has written down."""
        return self.web.told() + self.application.log()


@contextmanager
def serve(url: str, folder: Path, **settings: str) -> Iterator[WholeSite]:
    """It, until the block ends; `settings` win over the right ones, for controls."""
    right = {"RATING_BASE_URL": ADDRESS, "RATING_HTTPS": "1", "RATING_PROXIES": "1"}
    with (
        gunicorn.serve(url, folder / "gunicorn", **{**right, **settings}) as application,
        nginx.serve(folder / "nginx", application.port) as web,
    ):
        yield WholeSite(application, web)
