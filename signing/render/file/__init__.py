"""File around the pages: its objects, its structure tree, and what is the same in many files."""
