"""Proofs that take too long for the tests: run by hand (make proofs), their figures kept in docs/development.md."""
