"""Cost by the number of licences in the register."""
