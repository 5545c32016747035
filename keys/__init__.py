"""Custody of private keys: each key has one purpose, is opened once per process and signs nothing else."""
