"""Whom the site answers as: the host of RATING_BASE_URL, and nothing that a request says."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9._-]+?)\.?(?::(?P<port>[0-9]{1,5}))?")


def is_loopback(name: str) -> bool:
    """Whether a host's name is this machine's own."""
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def read_host(header: str) -> tuple[str, int | None] | None:
    """A Host header's name in lower case, and its port; None for anything that is no host."""
    found = HOST.fullmatch(header.lower())
    return (found["name"].strip("[]"), int(found["port"]) if found["port"] else None) if found else None


def is_own(header: str, base_url: str) -> bool:
    """Whether a Host header names the site at `base_url`; one on this machine goes by any of the machine's names."""
    host, base = read_host(header), urlsplit(base_url)
    if host is None or base.hostname is None:
        return False
    name, port = host
    if is_loopback(base.hostname):
        return is_loopback(name)
    return name == base.hostname and port in {None, base.port, 443 if base.scheme == "https" else 80}
