"""Keeping an installation: backups, restoring them, and finding out what is wrong with it."""
