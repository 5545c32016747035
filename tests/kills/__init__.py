"""Batches whose processes are killed at random, and what must hold after each kill."""
