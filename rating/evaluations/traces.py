"""The trace of a network: what remains of an address during a round and its review."""

from __future__ import annotations

import hmac
import ipaddress

from rating.config import derived_key

LENGTH = 16  # bytes
NETWORK_BITS = 64  # of an IPv6 address: the rest is one device's, and changes daily


def network_hash(secret: str, round_number: int, address: str) -> bytes | None:
    """16 bytes of HMAC-SHA-256 of an address under a key of its own for each round; None for no address.

    An IPv4 address counts whole, of an IPv6 one its network's first 64 bits.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    if parsed.version == 6 and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    network = parsed.packed[: NETWORK_BITS // 8] if parsed.version == 6 else parsed.packed
    key = derived_key(secret, f"network trace of round {round_number}")
    return hmac.digest(key, network, "sha256")[:LENGTH]
