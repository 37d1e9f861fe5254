"""Where the site is, by its settings, and whether a round may open there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from rating.errors import Conflict
from rating.server.hosts import is_loopback
from rating.wording import Message, _l


@dataclass(frozen=True, slots=True)
class Fault:
    """A wrong setting: the line that it should be, and why."""

    line: str
    why: Message


@dataclass(frozen=True, slots=True)
class Site:
    """The settings that say how residents reach it; a demonstration may run anywhere.

    `came_through` is how many proxies the current request came through, where it says so.
    """

    base_url: str
    https: bool
    proxies: int
    demonstration: bool = False
    came_through: int | None = None

    @property
    def faults(self) -> list[Fault]:
        """What is wrong with them for residents of a city; none for a demonstration."""
        return [] if self.demonstration else [*self._address(), *self._tls(), *self._proxies()]

    def require_fit(self) -> None:
        """Raise Conflict where a round must not open here."""
        if faults := self.faults:
            lines = ", ".join(dict.fromkeys(fault.line for fault in faults))
            raise Conflict(
                _l(
                    "No round opens with these settings. On the server, set %(lines)s and start it again; "
                    "“rating doctor” says why.",
                    lines=lines,
                )
            )

    def _address(self) -> list[Fault]:
        parts, told = urlsplit(self.base_url), {"address": self.base_url}
        if parts.hostname is None or is_loopback(parts.hostname):
            why = _l("Posters and letters would carry %(address)s, which only this machine can open.", **told)
        elif parts.scheme != "https":
            why = _l(
                "Posters and letters would carry %(address)s: what residents answer could be read on the way.", **told
            )
        elif parts.path.strip("/"):
            why = _l("Posters and letters would carry %(address)s; the site stands at the root of its host.", **told)
        else:
            return []
        return [Fault("RATING_BASE_URL=https://…", why)]

    def _tls(self) -> list[Fault]:
        if self.https:
            return []
        return [Fault("RATING_HTTPS=1", _l("Cookies, tickets among them, would be sent without TLS too."))]

    def _proxies(self) -> list[Fault]:
        if self.proxies < 1:
            why = _l(
                "All phones would count as one address: 31 wrong codes from one prankster, and no letter in the city "
                "can be opened for ten minutes."
            )
            return [Fault(f"RATING_PROXIES={self.came_through or 1}", why)]
        if self.came_through in {None, self.proxies}:
            return []
        why = _l(
            "This request was handed on by %(found)s, not %(set)s: whose address counts would be wrong.",
            found=self.came_through,
            set=self.proxies,
        )
        return [Fault(f"RATING_PROXIES={self.came_through}", why)]


def site_of(config: Mapping[str, Any], forwarded_for: str | None = None) -> Site:
    """The site by the application's settings, and by a request's X-Forwarded-For."""
    came_through = len(forwarded_for.split(",")) if forwarded_for else None
    return Site(config["BASE_URL"], config["HTTPS"], config["PROXIES"], config["DEMONSTRATION"], came_through)
