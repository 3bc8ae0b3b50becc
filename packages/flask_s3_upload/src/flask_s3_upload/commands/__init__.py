"""The commands ``flask uploads``."""
