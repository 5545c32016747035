"""Fictional licence types, authorities and holders, and the script that made them."""
