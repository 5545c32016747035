"""Replaying events and journal against the tables."""
