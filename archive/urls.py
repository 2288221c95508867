"""Addresses of the archive's pages: noun, identity, verb."""

from django.urls import path

from archive.views import (
    accessions,
    appearance,
    bulk,
    collections,
    decisions,
    description,
    desk,
    files,
    ingest,
    photograph,
    review,
    searches,
    sheets,
    terms,
    versions,
)

app_name = "archive"

urlpatterns = [
    path("", desk.desk, name="desk"),
    path("appearance/", appearance.appearance, name="appearance"),
    # Collections
    path("collections/", collections.collections, name="collections"),
    path(
        "collections/create/", collections.collection_create, name="collection_create"
    ),
    path("collections/<int:pk>/", collections.collection, name="collection"),
    path(
        "collections/<int:pk>/edit/",
        collections.collection_edit,
        name="collection_edit",
    ),
    path(
        "collections/<int:pk>/move/",
        collections.collection_move,
        name="collection_move",
    ),
    path(
        "collections/<int:pk>/delete/",
        collections.collection_delete,
        name="collection_delete",
    ),
    path(
        "collections/<int:pk>/restrict/",
        collections.collection_restrict,
        name="collection_restrict",
    ),
    # Many photographs
    path("search/", sheets.search, name="search"),
    path("search/facets/<slug:name>/", sheets.facet, name="facet"),
    path("searches/save/", searches.search_save, name="search_save"),
    path("searches/<int:pk>/", searches.saved_search, name="saved_search"),
    path("searches/<int:pk>/forget/", searches.search_forget, name="search_forget"),
    path("photographs/bulk/", bulk.bulk, name="bulk"),
    path("photographs/bulk/outcome/", bulk.bulk_outcome, name="bulk_outcome"),
    # Ingest
    path("ingest/", ingest.ingest, name="ingest"),
    path("ingest/folders/", ingest.folders, name="folders"),
    path("ingest/folder/", ingest.ingest_folder, name="ingest_folder"),
    path("ingest/upload/", ingest.ingest_upload, name="ingest_upload"),
    path("ingest/<int:pk>/", accessions.accession, name="accession"),
    path("ingest/<int:pk>/start/", accessions.accession_start, name="accession_start"),
    path(
        "ingest/<int:pk>/cancel/", accessions.accession_cancel, name="accession_cancel"
    ),
    # Terms
    path("terms/", terms.terms, name="terms"),
    path("terms/create/", terms.term_create, name="term_create"),
    path("terms/<int:pk>/edit/", terms.term_edit, name="term_edit"),
    # A photograph
    path("photographs/<int:pk>/", photograph.photograph, name="photograph"),
    path(
        "photographs/<int:pk>/describe/",
        description.describe,
        name="photograph_describe",
    ),
    path("photographs/date/", description.date_reading, name="date_reading"),
    path(
        "photographs/<int:pk>/restrict/",
        photograph.restrict,
        name="photograph_restrict",
    ),
    path(
        "photographs/<int:pk>/publish/", photograph.publish, name="photograph_publish"
    ),
    path(
        "photographs/<int:pk>/withdraw/",
        photograph.withdraw,
        name="photograph_withdraw",
    ),
    path(
        "photographs/<int:pk>/terms/assign/",
        description.assign_term,
        name="term_assign",
    ),
    path(
        "photographs/<int:pk>/terms/<int:term_pk>/remove/",
        description.remove_term,
        name="term_remove",
    ),
    path("terms/choices/", description.term_choices, name="term_choices"),
    # Decisions
    path("review/", review.review, name="review"),
    path("review/undo/", decisions.undo_last, name="review_undo"),
    path(
        "suggestions/<int:pk>/accept/",
        decisions.accept_suggestion,
        name="suggestion_accept",
    ),
    path(
        "suggestions/<int:pk>/reject/",
        decisions.reject_suggestion,
        name="suggestion_reject",
    ),
    path(
        "suggestions/<int:pk>/undo/", decisions.undo_suggestion, name="suggestion_undo"
    ),
    path(
        "colorizations/<int:pk>/accept/",
        decisions.accept_colorization,
        name="colorization_accept",
    ),
    path(
        "colorizations/<int:pk>/reject/",
        decisions.reject_colorization,
        name="colorization_reject",
    ),
    path(
        "colorizations/<int:pk>/undo/",
        decisions.undo_colorization,
        name="colorization_undo",
    ),
    path(
        "colorizations/<int:pk>/propose/",
        versions.propose,
        name="colorization_propose",
    ),
    path("colorizations/<int:pk>/grade/", versions.grade, name="colorization_grade"),
    # Files
    path("derivatives/<int:pk>/", files.derivative, name="derivative"),
    path("masters/<int:pk>/", files.master, name="master"),
]
