"""PDFs as other makers write them, and attacks on signed ones, each with its required answer."""
