"""Real servers for tests: each is a context manager and runs as long as its block does."""
