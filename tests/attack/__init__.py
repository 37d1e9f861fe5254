"""The attacker's library: what can be worked out from published figures alone."""
