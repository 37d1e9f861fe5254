"""Changing single rows of the register, and what they were before."""
