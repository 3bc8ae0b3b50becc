"""What templates get: URLs, placeholders, and the HTML of a picture."""
