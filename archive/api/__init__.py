"""The programming interface of the catalogue: one noun a file."""
