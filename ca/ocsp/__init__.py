"""OCSP answers, live and signed ahead."""
