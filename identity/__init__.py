"""The identity of people and systems: who asks, as an identity provider vouches for it."""
