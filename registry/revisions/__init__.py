"""Registered bytes of documents, each bound to the event that registered it."""
