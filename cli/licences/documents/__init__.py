"""Commands of official documents."""
