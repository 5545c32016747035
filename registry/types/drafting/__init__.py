"""Drafting of licence types: a file to begin with, advice, samples, differences in words."""
