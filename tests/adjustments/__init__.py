"""Tests of the adjustments room."""
