"""The commands ``flask thumbnails``."""
