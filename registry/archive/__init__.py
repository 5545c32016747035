"""Keeping proofs alive by further timestamps."""
