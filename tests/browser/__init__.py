"""The example app in a real browser: every page and every story, on each kind of storage."""
