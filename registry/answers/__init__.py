"""The public answers: what a document is worth, in words."""
