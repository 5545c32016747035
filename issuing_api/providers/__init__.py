"""Addresses by which identity providers tell of their people: events, SCIM."""
