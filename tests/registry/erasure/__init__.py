"""Tests of registry/erasure."""
