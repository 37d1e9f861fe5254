"""Estates where residents and committee differ widely, and what a check of both found."""
