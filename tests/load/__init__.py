"""The example app under load."""
