"""Trust over HTTP."""
