"""The bucket: making it, its policy, the index in it, pruning and checking it."""
