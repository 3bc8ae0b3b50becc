"""Which uploads are refused, and what becomes of the others: their names, their pictures."""
