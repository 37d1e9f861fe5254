"""Tests of the spotchecks room."""
