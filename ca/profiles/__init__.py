"""What a certificate may be."""
