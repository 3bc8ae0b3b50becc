"""Fields over columns with names of files: the field stores, with the transaction."""
