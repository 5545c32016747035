"""Accounts of a home without an identity provider, and the credential for an emergency."""
