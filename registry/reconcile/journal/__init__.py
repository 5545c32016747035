"""Reconciliation of the register with the journal."""
