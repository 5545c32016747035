"""Granting of licences, from a request to a registered document."""
