"""Simulator of history: random sequences of what operators do, and an oracle with its own model."""
