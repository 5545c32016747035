"""Sessions of people who signed in through a browser."""
