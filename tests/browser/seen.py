"""Photographs with pictures, colours and suggestions, for a browser to show."""

from tests import catalogue
from tests.web import drawn


def shelf(folder, count=3):
    """Return photographs of one collection, each with colours and two suggestions."""
    within = catalogue.collection("F", title="Kessler family")
    found = []
    for number in range(1, count + 1):
        photograph = drawn.photograph(
            folder, number, within=within, size=(900 + number, 600)
        )
        photograph.title = f"Plate {number}"
        photograph.save()
        drawn.colours(photograph)
        drawn.suggestions(photograph, boat=0.91, sea=0.62)
        found.append(photograph)
    return found
