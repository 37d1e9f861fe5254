"""Importing the register from a workbook or tables, all or nothing."""
