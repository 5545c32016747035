"""Routes of the issuing API and the shapes on their wires."""
