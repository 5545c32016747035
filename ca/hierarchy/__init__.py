"""The CAs in use: made, renewed, succeeded."""
