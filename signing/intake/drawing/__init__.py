"""Drawing of pages that others made, where they are read."""
