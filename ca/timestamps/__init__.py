"""Timestamp tokens, and the clock they rest on."""
