"""The catalogue: one noun a file."""

from archive.models.accessions import Accession, AccessionItem
from archive.models.collections import Collection
from archive.models.events import Event
from archive.models.files import Derivative, MasterFile
from archive.models.photographs import Photograph, Publication
from archive.models.preferences import Preferences
from archive.models.searches import SavedSearch
from archive.models.steering import Steering
from archive.models.terms import Assignment, Suggestion, Term, TermSynonym
from archive.models.words import PhotographWords

__all__ = [
    "Accession",
    "AccessionItem",
    "Assignment",
    "Collection",
    "Derivative",
    "Event",
    "MasterFile",
    "Photograph",
    "PhotographWords",
    "Preferences",
    "Publication",
    "SavedSearch",
    "Steering",
    "Suggestion",
    "Term",
    "TermSynonym",
]
