"""The least honest work for the same way: constant bytes, HMACs, one INSERT and commit before the answer.

It has ours' addresses and durability, and checks what makes a form valid; but there is no city, no register of codes,
no round with its days, no language, no second time, no protection of headers, no log. Its speed is a yardstick only.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import os
import secrets
import threading
import uuid
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, request

KEYS = [f"q{number}" for number in range(1, 11)]
CHOICES = [("5", "很满意"), ("4", "满意"), ("3", "一般"), ("2", "不满意"), ("1", "很不满意"), ("unknown", "不清楚")]
COOKIE = "ticket"
SIZE = 16_000  # about as many bytes as our form has


def _form() -> tuple[bytes, bytes]:
    rows = "".join(
        f'<fieldset class="question"><legend>{key}</legend>'
        + "".join(f'<label><input type="radio" name="{key}" value="{value}">{said}</label>' for value, said in CHOICES)
        + "</fieldset>"
        for key in KEYS
    )
    start = "<!doctype html><title>form</title><form method='post'><input type='hidden' name=\"csrf_token\" value=\""
    end = f'">{rows}<textarea name="comment"></textarea><button>send</button></form>'
    return start.encode(), f"{end}<!--{'.' * (SIZE - len(start) - len(end.encode()))}-->".encode()


def create_app(url: str, data_dir: Path, key: bytes) -> Flask:
    """The app on a database address, SQLite's or PostgreSQL's."""
    app = Flask("bare")
    start, end = _form()
    insert = _sqlite(url, data_dir) if url.startswith("sqlite") else _postgresql(url)

    def sign(what: bytes) -> str:
        return hmac.new(key, what, hashlib.sha256).hexdigest()[:32]

    def ticket() -> bytes:
        receipt, _, seal = request.cookies.get(COOKIE, "").partition(".")
        if not hmac.compare_digest(seal, sign(b"ticket" + receipt.encode())):
            abort(403)
        return receipt.encode()

    @app.get("/h/<code>")
    def open_code(code: str) -> Any:
        receipt = secrets.token_hex(16)
        answer = Response(status=303, headers={"Location": "/e/1"})
        answer.set_cookie(COOKIE, f"{receipt}.{sign(b'ticket' + receipt.encode())}", httponly=True, samesite="Lax")
        return answer

    @app.get("/e/<estate>")
    def form(estate: str) -> Any:
        return Response(start + sign(b"form" + ticket()).encode() + end, mimetype="text/html")

    @app.post("/e/<estate>")
    def submit(estate: str) -> Any:
        receipt = ticket()
        if not hmac.compare_digest(request.form["csrf_token"], sign(b"form" + receipt)):
            abort(403)
        marks = "".join(str(int(request.form[one])) for one in KEYS)
        insert((uuid.uuid4().hex, marks, request.form["comment"], hashlib.sha256(receipt).digest()))
        return Response(status=303, headers={"Location": "/e/1/receipt"})

    @app.get("/e/<estate>/receipt")
    def receipt(estate: str) -> Any:
        number = ticket().decode().upper().translate(str.maketrans("ILOU", "1110"))
        groups = "-".join(f"{number:0<26}"[place : place + 4] for place in range(0, 26, 4))
        return Response(f"<!doctype html><title>received</title><p>{groups}</p>", mimetype="text/html")

    return app


TABLE = (
    "CREATE TABLE IF NOT EXISTS filled (id {text} PRIMARY KEY, marks {text}, comment {text}, receipt {bytes} UNIQUE)"
)


def _sqlite(url: str, data_dir: Path) -> Any:
    """INSERT and commit with synchronous=FULL, one writer at a time by a file lock: the quickest that was found."""
    from pysqlite3 import dbapi2

    local = threading.local()
    turn = threading.Lock()
    lock = os.open(data_dir / "write.lock", os.O_RDWR | os.O_CREAT, 0o600)

    def connection() -> Any:
        if not hasattr(local, "connection"):
            local.connection = dbapi2.connect(url.removeprefix("sqlite:///"), isolation_level=None, timeout=15)
            local.connection.execute("PRAGMA journal_mode = WAL")
            local.connection.execute("PRAGMA synchronous = FULL")
            local.connection.execute(TABLE.format(text="TEXT", bytes="BLOB"))
        return local.connection

    def insert(row: tuple[Any, ...]) -> None:
        open_one = connection()
        with turn:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                open_one.execute("INSERT INTO filled VALUES (?, ?, ?, ?)", row)  # its own transaction
            finally:
                fcntl.flock(lock, fcntl.LOCK_UN)

    return insert


def _postgresql(url: str) -> Any:
    """INSERT and commit on a connection of each thread's own."""
    import psycopg

    local = threading.local()

    def insert(row: tuple[Any, ...]) -> None:
        if not hasattr(local, "connection"):
            local.connection = psycopg.connect(url, autocommit=True)
            local.connection.execute("SELECT pg_advisory_lock(1)")
            local.connection.execute(TABLE.format(text="text", bytes="bytea"))
            local.connection.execute("SELECT pg_advisory_unlock(1)")
        local.connection.execute("INSERT INTO filled VALUES (%s, %s, %s, %s)", row)

    return insert


def from_environment() -> Flask:
    """gunicorn's entry: settings as ours has them."""
    folder = Path(os.environ["RATING_DATA_DIR"])
    return create_app(os.environ["RATING_DATABASE_URL"], folder, os.environ["RATING_SECRET_KEY"].encode())
