"""Commands of licence types and matters."""
