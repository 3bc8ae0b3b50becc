"""Stored files sent, or led to, by the app's own routes."""
