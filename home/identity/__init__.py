"""Parts of a home that stand on `identity.toml`."""
