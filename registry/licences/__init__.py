"""Licence records and their states."""
