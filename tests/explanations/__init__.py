"""Tests of the explanations room."""
