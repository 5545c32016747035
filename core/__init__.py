"""What every package may use: errors, clock, typed ids, settings. Imports nothing of ours."""
