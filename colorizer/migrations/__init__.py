"""The jobs' tables."""
