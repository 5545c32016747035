"""Batches and the jobs that carry them out."""
