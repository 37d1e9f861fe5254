"""The command line: `rating`, a click group on Flask's own. A command's modules are loaded when it is asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module, metadata
from typing import TYPE_CHECKING, Any

import click
from flask.cli import FlaskGroup

from rating.config import ROOT
from rating.errors import BadRows, DomainError
from rating.server.hosts import is_loopback

if TYPE_CHECKING:
    from flask import Flask

# Where each command stands. `import` and `round` have parts in the rooms whose work they do, which add themselves;
# `db` is Flask-Migrate's.
COMMANDS = {
    "audit": ("audit.commands:audit_group",),
    "backup": ("upkeep.commands:backup",),
    "demo": ("demo.commands:demo",),
    "doctor": ("upkeep.commands:doctor",),
    "import": ("registry.commands:import_group", "rulebooks.commands", "sheets.commands"),
    "restore": ("upkeep.commands:restore",),
    "round": (
        "rounds.commands:round_group",
        "checklist.commands",
        "reviews.commands",
        "results.commands",
        "releases.commands",
    ),
    "run-job": ("jobs.commands:run_job_command",),
    "tick": ("cases.commands:tick",),
    "user": ("accounts.commands:user_group",),
    "work": ("jobs.commands:work",),
}


@contextmanager
def errors_as_sentences() -> Iterator[None]:
    """Domain errors end a command with their sentence and exit code 1, never with a traceback."""
    try:
        yield
    except BadRows as error:
        lines = [str(error.message), *(f"  {row}" for row in error.rows)]
        raise click.ClickException("\n".join(lines)) from error
    except DomainError as error:
        raise click.ClickException(str(error.message)) from error


class RatingGroup(FlaskGroup):
    """Flask's group, with the domain's errors told."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, without loading what stands behind them."""
        return sorted({*self.commands, *COMMANDS, "db"})

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command of this name, loaded now."""
        if name not in COMMANDS:
            return super().get_command(ctx, name)
        place, *parts = COMMANDS[name]
        module, _, attribute = place.partition(":")
        command: click.Command = getattr(import_module(f"rating.{module}"), attribute)
        for part in parts:
            import_module(f"rating.{part}")
        return command

    def invoke(self, ctx: click.Context) -> Any:
        with errors_as_sentences():
            return super().invoke(ctx)


def _create_app() -> Flask:
    from rating.app import create_app

    return create_app()


@click.group(cls=RatingGroup, create_app=_create_app, add_default_commands=False, add_version_option=False)
@click.version_option(metadata.version("rating"), prog_name="rating")
def main() -> None:
    """Property service ratings."""


@main.command()
@click.option("--port", type=int, envvar="PORT", default=8000, show_default="PORT or 8000")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--workers", type=int, default=2, show_default=True)
@click.option("--threads", type=int, default=4, show_default=True)
def serve(port: int, host: str, workers: int, threads: int) -> None:
    """Serve the application with gunicorn, in the foreground."""
    if not is_loopback(host):
        click.echo(
            f"Warning: on {host} anybody can reach the application itself. A dozen slow connections would stop it. "
            "Put nginx in front (deploy/nginx.conf, docs/operating.md), and serve on 127.0.0.1.",
            err=True,
        )
    _require_migrated()
    os.environ["PORT"] = str(port)  # addresses on posters and letters carry it
    os.execv(sys.executable, gunicorn_command(host, port, workers, threads))  # noqa: S606  # our own interpreter


def _require_migrated() -> None:
    """Refuse, in a sentence, a database of another version: half a site would serve what it still can."""
    from sqlalchemy.exc import SQLAlchemyError

    from rating.extensions import db
    from rating.upkeep.revisions import find_revision, newest_revision

    try:
        with _create_app().app_context(), db.engine.connect() as connection:
            found = find_revision(connection)
    except SQLAlchemyError:
        click.echo("Warning: the database can't be reached now; residents are told to come back.", err=True)
        return
    if found != (newest := newest_revision()):
        there = f"stands at revision {found}" if found else "has no tables yet"
        raise click.ClickException(f"The database {there}; this version needs {newest}. Run “rating db upgrade”.")


def gunicorn_command(host: str, port: int, workers: int, threads: int) -> list[str]:
    """The command line that serves wsgi:app; the application writes its own access log, with codes masked.

    No header is taken for the server's own word on the application's place (SCRIPT_NAME, PATH_INFO).
    """
    return [
        sys.executable, "-m", "gunicorn", "wsgi:app", "--worker-class", "gthread", "--bind", f"{host}:{port}",
        "--chdir", str(ROOT), "--workers", str(workers), "--threads", str(threads),
        "--graceful-timeout", "20", "--log-level", "warning", "--logger-class", "rating.server.log.ServerLog",
        "--forwarder-headers", "",
    ]  # fmt: skip


if __name__ == "__main__":
    main()
