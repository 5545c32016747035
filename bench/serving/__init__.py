"""Benchmarks over HTTP, and the servers that they start."""
