"""What runs in every request. It imports no SDK, and nothing of pushing/ and bucket/."""
