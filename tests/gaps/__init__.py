"""Tests of the gaps room."""
