"""Routes of official documents, and the shapes on their wires."""
