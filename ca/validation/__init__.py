"""Validation data that a seal needs from CAs, here or remote."""
