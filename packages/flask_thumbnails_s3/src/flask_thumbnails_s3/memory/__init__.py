"""What is known of thumbnails, in a cache that processes may share."""
