"""Versioned rulebooks: questionnaires, weights, thresholds and windows."""
