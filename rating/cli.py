"""The command line: `rating`, a click group on Flask's own."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from flask.cli import FlaskGroup

from rating.accounts.commands import user_group
from rating.app import create_app
from rating.audit.commands import audit_group
from rating.cases.commands import tick
from rating.config import ROOT
from rating.demo.commands import demo
from rating.errors import BadRows, DomainError
from rating.jobs.commands import run_job_command, work
from rating.registry.commands import import_group
from rating.releases.commands import preview_command, publish_command  # noqa: F401  # they add themselves to the group
from rating.results.commands import score_command  # noqa: F401  # adds itself to the group
from rating.reviews.commands import close_command  # noqa: F401  # adds itself to the group
from rating.rounds.commands import round_group
from rating.rulebooks.commands import import_rulebook_command  # noqa: F401  # adds itself to the group
from rating.server.hosts import is_loopback
from rating.sheets.commands import import_evaluations_command  # noqa: F401  # adds itself to the group
from rating.upkeep.commands import backup, doctor, restore


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

    def invoke(self, ctx: click.Context) -> Any:
        with errors_as_sentences():
            return super().invoke(ctx)


@click.group(cls=RatingGroup, create_app=create_app, add_default_commands=False)
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
    os.environ["PORT"] = str(port)  # addresses on posters and letters carry it
    os.execv(sys.executable, gunicorn_command(host, port, workers, threads))  # noqa: S606  # our own interpreter


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


for command in (
    audit_group, backup, demo, doctor, import_group, restore, round_group, run_job_command, tick, user_group, work,
):  # fmt: skip
    main.add_command(command)


if __name__ == "__main__":
    main()
