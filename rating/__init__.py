"""Residents and committees rate the companies that manage their housing estates."""
