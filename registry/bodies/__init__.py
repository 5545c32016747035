"""Authorities, their seals, and what they may grant."""
