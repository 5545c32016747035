"""Verification API and its pages, for the public. Reads; never signs."""
