"""Closing a round."""
