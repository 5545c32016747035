"""A stolen seal key, dealt with to the end."""
