"""Simulated people and cities on which the scoring method is tried: few in the suite, many in tests.proofs.method."""
