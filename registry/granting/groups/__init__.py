"""Granting many licences at once: reserved and registered in groups, sealed by processes."""
