"""The program's commands about machine vision."""
