"""A data directory, opened: its parts put together, its roles and their duties."""
