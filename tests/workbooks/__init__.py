"""Tests of the workbooks room."""
