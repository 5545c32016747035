"""Carrying out of officers' jobs by a server, in processes of their own."""
