"""Word of identity providers about their people, as the desk takes it."""
