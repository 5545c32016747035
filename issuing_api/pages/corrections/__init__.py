"""Pages of requests for a correction."""
