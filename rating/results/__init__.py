"""Tallies, adjustments and the frozen scorecard."""
