"""Talks, commitments and re-inspections."""
