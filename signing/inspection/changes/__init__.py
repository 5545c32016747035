"""Judging of one incremental update: its bytes, then its objects, by the role that each plays."""
