"""One loss a file, each with its source and what differs from it."""
