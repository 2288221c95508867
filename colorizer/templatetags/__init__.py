"""Template tags of machine vision."""
