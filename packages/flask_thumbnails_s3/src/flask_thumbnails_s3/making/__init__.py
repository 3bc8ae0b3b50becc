"""From what is wanted to thumbnails that are stored."""
