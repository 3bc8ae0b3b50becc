"""Form fields of WTForms. The only folder that imports it."""
