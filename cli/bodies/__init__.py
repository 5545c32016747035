"""Commands for authorities and seals."""
