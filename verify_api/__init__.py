"""What the public asks: the verification API and its pages. Reads; never signs."""
