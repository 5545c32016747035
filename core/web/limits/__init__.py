"""Limits of what clients may send, hold open and ask for."""
