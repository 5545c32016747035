"""Check of a seal of ours over a file's bytes, by other code than what wrote them."""
