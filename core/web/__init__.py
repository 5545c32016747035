"""HTTP without a domain: server, workers, limits, problems, client."""
