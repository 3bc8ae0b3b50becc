"""The example app while something fails."""
