"""Exports and counts of what somebody may see."""
