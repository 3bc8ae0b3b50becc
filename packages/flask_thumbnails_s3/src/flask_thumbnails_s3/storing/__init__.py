"""Originals and thumbnails: their storages, their names in these, and the URLs of both."""
