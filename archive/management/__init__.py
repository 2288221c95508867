"""What can be asked of the archive from the command line."""
