"""Tests of registry.accession."""
