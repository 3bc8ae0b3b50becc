"""The example app on several machines' worth of processes."""
