"""Custody of private keys: one purpose each, opened once per process, never handed out."""
