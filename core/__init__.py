"""Base of every package: errors, clock, typed ids, settings. Imports nothing of ours."""
