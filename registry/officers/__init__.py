"""Officers and systems on record: their roles, their requests, and how all of it ends."""
