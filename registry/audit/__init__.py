"""The audit: the chain of events and its signed heads."""
