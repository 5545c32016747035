"""The journal: what survives the loss of the database."""
