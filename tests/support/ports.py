"""Ports of this machine for servers that tests start, each given once at a time, whoever else runs tests beside us."""

from __future__ import annotations

import socket

PORTS = range(8310, 8390)  # below those from which connections go out


class Port:
    """A port that nobody listens on, ours until it is given back: a server may end and come back on it."""

    def __init__(self) -> None:
        for number in PORTS:
            claim = _claim(number)
            if claim is None:
                continue
            if _is_free(number):
                self.number, self._claim = number, claim
                return
            claim.close()
        raise RuntimeError("no port is free")

    def give_back(self) -> None:
        """Somebody else may have it now."""
        self._claim.close()


def _claim(number: int) -> socket.socket | None:
    """An abstract socket named for the port: only one process can hold it, and it goes when that process ends."""
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0rating-tests-{number}")
    except OSError:
        claim.close()
        return None
    return claim


def _is_free(number: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
        except OSError:
            return False
        return True
