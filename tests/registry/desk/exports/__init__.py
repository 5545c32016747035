"""Tests of exports that a server writes."""
