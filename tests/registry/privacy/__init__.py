"""Tests of registry/privacy."""
