"""Sheets of holders, read and judged."""
