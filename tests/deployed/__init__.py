"""The example app as a deployment has it: its processes, its visitors, and a look behind it."""
