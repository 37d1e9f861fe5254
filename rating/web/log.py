"""The access log: one line per request, without addresses, queries or codes."""

from __future__ import annotations

import time

import structlog
from flask import Response, g, request

log = structlog.get_logger()


def masked_path() -> str:
    """The pattern of the page's address: an address can contain a code, an invitation or a name."""
    return request.url_rule.rule if request.url_rule else "(no such page)"


def start_timer() -> None:
    """Record when the request came in."""
    g.started = time.perf_counter()


def log_request(response: Response) -> Response:
    """One line per request: what, with what result and how long it took; no address, no query, no code."""
    took = time.perf_counter() - g.get("started", time.perf_counter())
    log.info(
        "request", method=request.method, path=masked_path(), status=response.status_code, ms=round(took * 1000, 1)
    )
    return response


def set_up_log() -> None:
    """One line of JSON an event, on standard output."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # Never a frame's local variables: they contain keys, tickets and answers.
            structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=False,
    )
