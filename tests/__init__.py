"""The tests, a folder a part."""
