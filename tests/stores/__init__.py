"""What other stores can, asked of them: see docs/recipes/other-stores.md."""
