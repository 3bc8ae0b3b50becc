"""What runs once a release: the static files are read, compared and uploaded."""
