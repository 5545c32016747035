"""Tests of home.jobs."""
