"""Which files rows name, and where: what options and settings say."""
