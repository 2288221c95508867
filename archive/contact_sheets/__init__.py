"""Contact sheets for print: pictures and captions on paper, as PDF."""

from archive.contact_sheets.layout import Layout
from archive.contact_sheets.making import make, request_sheet

__all__ = ["Layout", "make", "request_sheet"]
