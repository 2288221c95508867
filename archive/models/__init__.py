"""The catalogue: one noun a file."""

from archive.models.accessions import Accession, AccessionItem
from archive.models.batches import Batch, BatchItem
from archive.models.collections import Collection
from archive.models.contact_sheets import ContactSheet
from archive.models.events import Event
from archive.models.files import Derivative, MasterFile
from archive.models.gallery import GallerySettings
from archive.models.machine_words import MachineWord, ReviewBatch
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
    "Batch",
    "BatchItem",
    "Collection",
    "ContactSheet",
    "Derivative",
    "Event",
    "GallerySettings",
    "MachineWord",
    "MasterFile",
    "Photograph",
    "PhotographWords",
    "Preferences",
    "Publication",
    "ReviewBatch",
    "SavedSearch",
    "Steering",
    "Suggestion",
    "Term",
    "TermSynonym",
]
