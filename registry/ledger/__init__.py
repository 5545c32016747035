"""The CA's protocols in SQL: certificates, keys, CAs, and whom else to trust."""
