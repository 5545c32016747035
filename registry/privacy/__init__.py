"""Codes of holders, hidden at rest: the index by which they are found, and what seals them."""
