"""Calls of pyHanko's validators, bounded, and without clock or network."""
