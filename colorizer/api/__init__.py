"""The programming interface of machine vision: one noun a file."""
