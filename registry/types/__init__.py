"""Licence types: what one is, and what a row must hold."""
