"""Pictures: rendered, looked at for a crop, and what an app's own functions do to them."""
