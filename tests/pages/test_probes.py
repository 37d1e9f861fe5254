"""What machines ask."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from rating.extensions import db
from rating.pages import probe_views as probes
from tests.support.client import Client


def test_a_running_process_is_healthy_and_a_migrated_database_ready(app: Flask, client: Client) -> None:
    for path in ("/healthz", "/readyz"):
        response = client.get(path)
        assert (response.status_code, response.text) == (200, "ok\n")
        assert "Set-Cookie" not in response.headers


def test_a_database_that_is_not_migrated_is_not_ready(app: Flask, client: Client) -> None:
    known = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    db.session.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    try:
        response = client.get("/readyz")
        assert response.status_code == 503 and "not migrated" in response.text
        assert client.get("/healthz").status_code == 200
    finally:
        db.session.execute(text("UPDATE alembic_version SET version_num = :known"), {"known": known})
        db.session.commit()


def test_a_database_out_of_reach_is_not_ready(app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> Any:
        raise OperationalError("SELECT 1", None, Exception("gone"))

    monkeypatch.setattr(probes, "is_migrated", gone)
    assert client.get("/readyz").status_code == 503


def test_robots_may_read_the_lists_and_not_the_forms(app: Flask, client: Client) -> None:
    lines = client.get("/robots.txt").text.splitlines()
    assert "Disallow: /h/" in lines and "Disallow: /bureau" in lines
    assert not any(line.startswith(("Disallow: /releases", "Disallow: /companies")) for line in lines)
