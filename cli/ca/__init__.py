"""Commands of the CA."""
