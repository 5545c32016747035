"""Cells as people type them and spreadsheets damage them."""
