"""Sealing: a page signed as PAdES, its validation data, its archive timestamps."""
