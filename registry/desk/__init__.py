"""The desk: what officers ask for, kept until it is decided, then carried out; their sessions."""
