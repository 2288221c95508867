"""Descriptions as spreadsheets: written as CSV, edited elsewhere, read back."""

from archive.spreadsheets.planning import propose_import
from archive.spreadsheets.reading import NotASpreadsheet
from archive.spreadsheets.writing import Dialect, lines

__all__ = ["Dialect", "NotASpreadsheet", "lines", "propose_import"]
