"""Where a request comes from, as far as counting needs it: a whole estate may be behind one address."""

from __future__ import annotations

import ipaddress

from flask import request

NETWORK_BITS = 64  # of an IPv6 address: the rest belongs to one device, and changes daily


def network_of(address: str) -> str:
    """An IPv4 address whole, of an IPv6 one its network's first 64 bits; empty for no address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if parsed.version == 4:
        return str(parsed)
    return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed.packed, NETWORK_BITS), strict=False))


def this_network() -> str:
    """The network of this request."""
    return network_of(request.remote_addr or "") or "unknown"
