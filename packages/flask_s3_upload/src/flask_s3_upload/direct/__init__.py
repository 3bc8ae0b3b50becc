"""Direct uploads: from the browser to the storage, without a byte passing through a view."""
