"""The example app while something fails, and under load."""
