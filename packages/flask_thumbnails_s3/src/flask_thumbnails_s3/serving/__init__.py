"""The app's own routes: they make thumbnails, send files, and say what is ready."""
