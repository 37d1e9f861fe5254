"""What is done with every request before the application sees it, and with every response last: WSGI.

- The application stands at the root of the host of RATING_BASE_URL. A request can't say otherwise: SCRIPT_NAME is
  emptied, Host is compared and then set. Health addresses answer probes on this machine too.
- Behind TLS each cookie is `Secure` and has a name that begins with `__Host-`: no other host of the same domain can set
  one, and what comes in under another name is none of ours.
- Every answer says nosniff and has a policy of what a browser may do with it, behind TLS strict transport too;
  residents' pages are kept nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask_babel import force_locale, gettext

from rating.server.hosts import is_loopback, is_own, read_host
from rating.web.language import LANGUAGES
from rating.web.log import log

Headers = list[tuple[str, str]]
WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
HEALTH = frozenset({"/healthz", "/readyz", "/metrics"})
RESIDENTS = ("/h/", "/e/")
SAFE_NAME = "__Host-"
# For responses outside of the application: static files, and the answer under another host's name.
POLICY = "default-src 'none'; style-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
STRICT_TRANSPORT = "max-age=31556926; includeSubDomains"


class Outermost:
    """The application's outermost skin, around `plain`, the whole of it."""

    def __init__(self, app: Flask, plain: WSGI) -> None:
        self.app, self.plain = app, plain

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """WSGI."""
        https, path = bool(self.app.config["HTTPS"]), environ.get("PATH_INFO", "")

        def start(status: str, headers: Headers, *rest: Any) -> Any:
            return start_response(status, dressed(headers, path, https=https), *rest)

        environ["SCRIPT_NAME"] = ""
        if not self._is_own(environ, path):
            return self._elsewhere(environ, start)
        environ["HTTP_HOST"] = urlsplit(self.app.config["BASE_URL"]).netloc
        if https:
            environ["HTTP_COOKIE"] = own_cookies(environ.get("HTTP_COOKIE", ""))
        return self.plain(environ, start)

    def _is_own(self, environ: dict[str, Any], path: str) -> bool:
        header = environ.get("HTTP_HOST", "")
        if is_own(header, self.app.config["BASE_URL"]):
            return True
        host = read_host(header)
        if path not in HEALTH or host is None or not is_loopback(host[0]):
            return False
        if self.app.config["HTTPS"]:
            environ["wsgi.url_scheme"] = "https"  # a probe on this machine needs no TLS
        return True

    def _elsewhere(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Where the site stands, in both languages."""
        status = "421 MISDIRECTED REQUEST" if read_host(environ.get("HTTP_HOST", "")) else "400 BAD REQUEST"
        with self.app.app_context():
            body = "".join(f"{self._where(locale)}\n" for locale in LANGUAGES.values()).encode()
        start(status, [
            ("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
        ])  # fmt: skip
        log.info("request", method=environ["REQUEST_METHOD"], path="(another host)", status=int(status[:3]))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _where(self, locale: str) -> str:
        with force_locale(locale):
            return str(gettext("This site answers at %(address)s only.", address=self.app.config["BASE_URL"]))


class HeadAsGet:
    """Answers HEAD as GET, without the body: no view needs to handle it."""

    def __init__(self, plain: WSGI) -> None:
        self.plain = plain

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """WSGI."""
        if environ["REQUEST_METHOD"] != "HEAD":
            return self.plain(environ, start_response)
        body = self.plain({**environ, "REQUEST_METHOD": "GET"}, start_response)
        if callable(close := getattr(body, "close", None)):
            close()
        return []


def dressed(headers: Headers, path: str, *, https: bool) -> Headers:
    """An answer's headers with those that every answer has."""
    there = {name.lower() for name, _ in headers}
    if path.startswith(RESIDENTS):
        headers = [*((name, value) for name, value in headers if name.lower() != "cache-control")]
        headers.append(("Cache-Control", "private, no-store"))
    if "x-content-type-options" not in there:
        headers = [*headers, ("X-Content-Type-Options", "nosniff")]
    if "content-security-policy" not in there:
        headers = [*headers, ("Content-Security-Policy", POLICY)]
    if https:
        headers = [(name, safe_cookie(value) if name.lower() == "set-cookie" else value) for name, value in headers]
        if "strict-transport-security" not in there:
            headers.append(("Strict-Transport-Security", STRICT_TRANSPORT))
    return headers


def own_cookies(header: str) -> str:
    """The cookies of a Cookie header that were set by this very host over TLS, by the names that the application
    knows.
    """
    return "; ".join(pair.removeprefix(SAFE_NAME) for pair in header.split("; ") if pair.startswith(SAFE_NAME))


def safe_cookie(header: str) -> str:
    """A Set-Cookie header for this host alone, over TLS alone."""
    pair, *attributes = header.split("; ")
    kept = [one for one in attributes if one.partition("=")[0].lower() not in {"domain", "path", "secure"}]
    return "; ".join([f"{SAFE_NAME}{pair}", *kept, "Path=/", "Secure"])
