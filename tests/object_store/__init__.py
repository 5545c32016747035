"""A real S3-compatible store for tests: OpenStack Swift, in an environment of its own."""
