"""Simulated people and cities, by which the scoring method is tried: small in the suite, large in tests.proofs.method."""
