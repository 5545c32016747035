"""The register as a whole: which one it is, and what it may have lost."""
