"""The app's own routes: they make thumbnails, send files, and report what is ready."""
