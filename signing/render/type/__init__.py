"""Fonts of a page, embedded as subsets."""
