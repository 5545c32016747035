"""Tests of `registry.desk.documents`."""
