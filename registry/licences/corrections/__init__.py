"""Requests to correct what a licence says, with the clock on them."""
