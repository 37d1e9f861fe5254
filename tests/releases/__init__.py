"""Tests of the releases room."""
