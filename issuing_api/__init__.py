"""Issuing over HTTP: sign-in, requests, approvals, licences; for departments and their systems."""
