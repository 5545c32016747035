"""What a seal needs from CAs, here or remote."""
