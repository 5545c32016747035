"""A small certification authority: identity to X.509 certificates, CRL, OCSP, TSA, anchors."""
