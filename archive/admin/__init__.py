"""The administration pages of the catalogue: one noun a file.

Whatever is changed here goes through the verbs, so that it is recorded.
"""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from archive.admin.accessions import AccessionAdmin, AccessionItemAdmin
from archive.admin.collections import CollectionAdmin
from archive.admin.events import EventAdmin
from archive.admin.files import DerivativeAdmin, MasterFileAdmin
from archive.admin.photographs import PhotographAdmin, PublicationAdmin
from archive.admin.terms import AssignmentAdmin, SuggestionAdmin, TermAdmin

admin.site.site_header = _("Autochrome administration")
admin.site.site_title = _("Autochrome administration")

__all__ = [
    "AccessionAdmin",
    "AccessionItemAdmin",
    "AssignmentAdmin",
    "CollectionAdmin",
    "DerivativeAdmin",
    "EventAdmin",
    "MasterFileAdmin",
    "PhotographAdmin",
    "PublicationAdmin",
    "SuggestionAdmin",
    "TermAdmin",
]
