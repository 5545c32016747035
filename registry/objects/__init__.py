"""Stored bytes, each under its digest."""
