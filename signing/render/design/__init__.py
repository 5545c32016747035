"""Design of a page: tinted paper, guilloche, colours."""
