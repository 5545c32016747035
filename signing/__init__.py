"""Licences and documents as PDFs: rendering, PAdES sealing, timestamps and validation."""
