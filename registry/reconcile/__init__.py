"""Reconciliation of the tables with the audit's events and the journal."""
