"""Snapshots, restoring, and merging what happened since."""
