"""Tests of granting in groups."""
