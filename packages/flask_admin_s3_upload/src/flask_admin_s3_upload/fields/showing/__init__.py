"""What forms and lists show of stored files."""
