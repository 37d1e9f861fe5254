"""rating audit verify."""

from __future__ import annotations

import re

import click
from flask.cli import AppGroup

from rating.audit.verifying import Chain, verify_chain
from rating.extensions import db

SHOWN = 20
audit_group = AppGroup("audit", help="The event log.")


def _head(_context: click.Context, _parameter: click.Parameter, given: str | None) -> bytes | None:
    if given is None:
        return None
    if not re.fullmatch(r"[0-9a-fA-F]{64}", given.strip()):
        raise click.BadParameter("a head is 64 hexadecimal digits, as “rating tick” and a release's page show them")
    return bytes.fromhex(given.strip())


@audit_group.command("verify")
@click.option("--head", callback=_head, help="A head that was kept elsewhere: by a release, or from “rating tick”.")
def verify_command(head: bytes | None) -> None:
    """Recompute every event's hash: finds each edit, deletion, swap and gap. Exit code 1 if there is one.

    That the log's end was cut off, or that all was recomputed, is found only with --head.
    """
    chain = verify_chain(db.session.connection(execution_options={"reads": True}), [head] if head else [])
    click.echo(f"event log: {chain.count} events, head {chain.head.hash.hex()}")
    faults = chain.faults + (_about_head(chain, head) if head else [])
    for fault in faults[:SHOWN]:
        click.echo(f"wrong: {fault}")
    if len(faults) > SHOWN:
        click.echo(f"and {len(faults) - SHOWN} more")
    if faults:
        raise SystemExit(1)
    click.echo(_well(chain, head))


def _about_head(chain: Chain, head: bytes) -> list[str]:
    if head in chain.found:
        return []
    return ["no event has the head that was given: the log's end was cut off, or it was computed anew"]


def _well(chain: Chain, head: bytes | None) -> str:
    if head is None:
        return "no edit, gap or swap; that the end was not cut off is shown only by a --head that was kept elsewhere"
    return f"no edit, gap or swap; the head that was given is event {chain.found[head]}"
