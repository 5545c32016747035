"""Certifying, revoking, listing."""
