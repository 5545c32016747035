"""Signed tokens (JWS, RFC 7515): verified by a profile for each kind, and made."""
