"""Settings: defaults, then the environment (RATING_*), then what create_app is given."""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from rating.server.sizes import FORM, MOST_FIELDS, TEXTS

ROOT = Path(__file__).resolve().parent.parent


def data_dir() -> Path:
    """The folder for the embedded database, keys and downloads; created if missing, for its owner alone."""
    folder = Path(os.environ.get("RATING_DATA_DIR") or ROOT / "var").resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def secret_key(folder: Path) -> str:
    """The application key: RATING_SECRET_KEY, else one made once and kept in the data folder."""
    if given := os.environ.get("RATING_SECRET_KEY"):
        return given
    path = folder / "secret.key"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    return path.read_text().strip()


def derived_key(key: str, purpose: str) -> bytes:
    """A key of its own for each purpose, 32 bytes: HMAC-SHA-256(application key, purpose)."""
    return hmac.digest(key.encode(), purpose.encode(), "sha256")


def utc_now() -> datetime:
    """The real clock; tests give create_app another one."""
    return datetime.now(UTC)


def clock_from(day: str | None) -> Callable[[], datetime]:
    """The real clock, or for a demonstration (RATING_TODAY=2026-03-05) one that starts on that day."""
    if not day:
        return utc_now
    shift = datetime.combine(date.fromisoformat(day), time(2), UTC) - utc_now()
    return lambda: utc_now() + shift


def _sqlite_url(folder: Path) -> str:
    from sqlalchemy import URL

    return URL.create("sqlite", database=str(folder / "rating.sqlite3")).render_as_string()


def settings(overrides: dict[str, Any] | None = None) -> dict[str, Any]:
    """The whole configuration as a dictionary for app.config."""
    overrides = overrides or {}
    folder = Path(overrides.get("DATA_DIR") or data_dir())
    key = overrides.get("SECRET_KEY") or secret_key(folder)
    https = os.environ.get("RATING_HTTPS", "") == "1"
    values: dict[str, Any] = {
        "DATA_DIR": folder,
        "SECRET_KEY": key,
        "CLOCK": clock_from(os.environ.get("RATING_TODAY")),
        "SQLALCHEMY_DATABASE_URI": os.environ.get("RATING_DATABASE_URL") or _sqlite_url(folder),
        "BASE_URL": os.environ.get("RATING_BASE_URL") or f"http://127.0.0.1:{os.environ.get('PORT') or 8000}",
        "HTTPS": https,
        "DEMONSTRATION": os.environ.get("RATING_DEMONSTRATION") == "1",  # set by `rating demo`, and shown on every page
        "PROXIES": int(os.environ.get("RATING_PROXIES") or 0),
        "CITY_ZH": os.environ.get("RATING_CITY_ZH", ""),
        "CITY_EN": os.environ.get("RATING_CITY_EN", ""),
        "CONTACT_PHONE": os.environ.get("RATING_CONTACT_PHONE", ""),
        "BABEL_DEFAULT_LOCALE": "zh_Hans_CN",
        "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "rating" / "translations"),
        "MAX_CONTENT_LENGTH": FORM,  # more only where a page takes more: rating.server.sizes
        "MAX_FORM_MEMORY_SIZE": TEXTS,  # one field's text, where files are taken
        "MAX_FORM_PARTS": MOST_FIELDS,
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
        "SESSION_COOKIE_NAME": "rating",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "WTF_CSRF_TIME_LIMIT": None,
        # How many failed tries there may be from one network, and from all together (passwords: for one account).
        "GUESSES_ALONE": os.environ.get("RATING_GUESSES_ALONE") or "30 per 10 minutes",
        "GUESSES_TOGETHER": os.environ.get("RATING_GUESSES_TOGETHER") or "3000 per hour",
        "PASSWORD_TRIES_ALONE": os.environ.get("RATING_PASSWORD_TRIES_ALONE") or "20 per 10 minutes",
        "PASSWORD_TRIES_TOGETHER": os.environ.get("RATING_PASSWORD_TRIES_TOGETHER") or "60 per hour",
        # What a long job may take at most: by the clock and of the processor, and of addresses in memory.
        "JOB_SECONDS": int(os.environ.get("RATING_JOB_SECONDS") or 900),
        "JOB_MB": int(os.environ.get("RATING_JOB_MB") or 2048),
        **SECURITY,
    }
    values.update(overrides)
    values["SESSION_COOKIE_SECURE"] = values["HTTPS"]
    return values


SECURITY: dict[str, Any] = {
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_SINGLE_HASH": True,  # argon2 needs no pepper
    "SECURITY_PASSWORD_SALT": "unused",
    "SECURITY_PASSWORD_COMPLEXITY_CHECKER": "zxcvbn",  # asked by rating.accounts.passwords
    "SECURITY_ZXCVBN_MINIMUM_SCORE": 3,  # of 4: "safely unguessable", from 10^8 guesses on
    "SECURITY_USER_IDENTITY_ATTRIBUTES": [{"username": {"mapper": str, "case_insensitive": True}}],
    "SECURITY_JOIN_USER_ROLES": False,  # grants have a table of their own
    "SECURITY_REGISTERABLE": False,
    "SECURITY_RECOVERABLE": False,
    "SECURITY_SEND_REGISTER_EMAIL": False,
    "SECURITY_RETURN_GENERIC_RESPONSES": False,
    "SECURITY_LOGIN_URL": "/sign-in",
    "SECURITY_LOGOUT_URL": "/sign-out",
    "SECURITY_LOGOUT_METHODS": ["POST"],
    "SECURITY_LOGIN_USER_TEMPLATE": "accounts/sign_in.html",
    "SECURITY_VERIFY_TEMPLATE": "accounts/verify.html",
    "SECURITY_STATIC_FOLDER": None,
    "SECURITY_FLASH_MESSAGES": False,
    "SECURITY_POST_LOGIN_VIEW": "/workspace",
    "SECURITY_POST_LOGOUT_VIEW": "/",
    "SECURITY_DEFAULT_REMEMBER_ME": False,
    "SECURITY_CLI_USERS_NAME": False,
    "SECURITY_CLI_ROLES_NAME": False,
    "SECURITY_CSRF_IGNORE_UNAUTH_ENDPOINTS": False,
    "SECURITY_CACHE_CONTROL": {"private": None, "no-store": None},  # words without a value
}
