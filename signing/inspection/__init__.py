"""Internals of `signing.validation`: reading, finding signatures, judging each."""
