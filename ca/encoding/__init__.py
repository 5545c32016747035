"""DER, out and in."""
