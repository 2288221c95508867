"""What is found where, below `/api/`."""

from __future__ import annotations

from rest_framework.viewsets import ViewSetMixin

from archive.api.accessions import AccessionViewSet
from archive.api.assignments import AssignmentViewSet
from archive.api.batches import BatchViewSet
from archive.api.collections import CollectionViewSet
from archive.api.derivatives import DerivativeViewSet
from archive.api.events import EventViewSet
from archive.api.machine_words import MachineWordViewSet
from archive.api.masters import MasterViewSet
from archive.api.photographs import PhotographViewSet
from archive.api.publications import PublicationViewSet
from archive.api.review_batches import ReviewBatchViewSet
from archive.api.searches import FacetViewSet, SavedSearchViewSet
from archive.api.suggestions import SuggestionViewSet
from archive.api.terms import TermViewSet

# Prefix, view set, name of the addresses.
ROUTES: list[tuple[str, type[ViewSetMixin], str]] = [
    ("collections", CollectionViewSet, "collection"),
    ("photographs", PhotographViewSet, "photograph"),
    ("masters", MasterViewSet, "master"),
    ("derivatives", DerivativeViewSet, "derivative"),
    ("suggestions", SuggestionViewSet, "suggestion"),
    ("machine-words", MachineWordViewSet, "machine-word"),
    ("review-batches", ReviewBatchViewSet, "review-batch"),
    ("terms", TermViewSet, "term"),
    ("assignments", AssignmentViewSet, "assignment"),
    ("accessions", AccessionViewSet, "accession"),
    ("batches", BatchViewSet, "batch"),
    ("events", EventViewSet, "event"),
    ("publications", PublicationViewSet, "publication"),
    ("searches", SavedSearchViewSet, "search"),
    ("facets", FacetViewSet, "facet"),
]
