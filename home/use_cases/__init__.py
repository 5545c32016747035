"""What people and programs do with a home: each a function that commands and an API can call."""
