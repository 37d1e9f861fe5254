"""gunicorn's own lines, without the contents of a request: an address can be a household's code or an invitation.

The application writes its own access log, with patterns for addresses (see web.log_request). What is left to gunicorn
are requests that it can't read, and errors outside of the application. Its lines about them quote the request, its
address or a header, beside the network address and the time; here they say what kind of error it was and where in the
program, and no more. What it logs about itself (starting, workers that end, an application that can't be loaded) stays.
"""

from __future__ import annotations

import os
import sys
from traceback import extract_tb
from typing import Any

from gunicorn.glogging import Logger

LOADING = "Exception in worker process"  # before any request


class ServerLog(Logger):  # type: ignore[misc]  # gunicorn comes without types
    """Named on the command line as --logger-class."""

    def __init__(self, cfg: Any) -> None:
        super().__init__(cfg)
        self.master = os.getpid()

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        """Nothing: the application writes this log."""

    def debug(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        """Nothing: these lines quote requests."""

    def critical(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        """A worker's line while it handles an error is reduced to the error's kind."""
        super().critical(*self._told(msg, args), **kwargs)

    def error(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        """Likewise."""
        super().error(*self._told(msg, args), **kwargs)

    def warning(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        """Likewise."""
        super().warning(*self._told(msg, args), **kwargs)

    def exception(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        """Likewise; a traceback's last line would quote whatever the error is about."""
        if self._quotes_a_request(msg):
            super().error(*self._told(msg, args))
        else:
            super().exception(msg, *args, **kwargs)

    def _quotes_a_request(self, msg: Any) -> bool:
        return os.getpid() != self.master and sys.exc_info()[0] is not None and msg != LOADING

    def _told(self, msg: Any, args: tuple[Any, ...]) -> tuple[Any, ...]:
        return (_kind_and_place(),) if self._quotes_a_request(msg) else (msg, *args)


def _kind_and_place() -> str:
    """The error that is being handled, its causes, and the lines of the program that led to it; no word of its own."""
    kind, error, trace = sys.exc_info()
    causes: list[str] = []
    while error is not None and len(causes) < 5:
        causes.append(type(error).__name__)
        error = error.__cause__ or error.__context__
    lines = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in extract_tb(trace)]
    return f"A request failed: {' from '.join(causes) or kind}; {' > '.join(lines)}".replace("%", "%%")
