"""Tests of the turnout room."""
