"""Addresses of the archive's pages: noun, identity, verb."""

from django.urls import path

from archive.views import (
    accessions,
    appearance,
    autosave,
    batch_review,
    batches,
    bulk,
    collections,
    contact_sheets,
    decisions,
    description,
    desk,
    edits,
    files,
    gallery,
    ingest,
    machine_words,
    photograph,
    publishing,
    review,
    script_words,
    searches,
    sheets,
    spreadsheets,
    terms,
    tiles,
    versions,
)

app_name = "archive"

urlpatterns = [
    path("", desk.desk, name="desk"),
    path("appearance/", appearance.appearance, name="appearance"),
    path("words/<slug:language>.js", script_words.script_words, name="script_words"),
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
    path("photographs/edit/", edits.edit_many, name="edit_many"),
    path("photographs/edit/date/", edits.edit_date, name="edit_date"),
    path("photographs/export/", spreadsheets.export, name="export"),
    path("photographs/import/", spreadsheets.import_, name="import"),
    path("photographs/print/", contact_sheets.print_, name="print"),
    path(
        "contact-sheets/<int:pk>/", contact_sheets.contact_sheet, name="contact_sheet"
    ),
    path(
        "contact-sheets/<int:pk>/file/",
        contact_sheets.contact_sheet_file,
        name="contact_sheet_file",
    ),
    path("batches/", batches.batch_list, name="batches"),
    path("batches/<int:pk>/", batches.batch, name="batch"),
    path("batches/<int:pk>/ask/", edits.edit_again, name="edit_again"),
    path("batches/<int:pk>/apply/", batches.batch_apply, name="batch_apply"),
    path("batches/<int:pk>/stop/", batches.batch_stop, name="batch_stop"),
    path("batches/<int:pk>/discard/", batches.batch_discard, name="batch_discard"),
    path("batches/<int:pk>/undo/", batches.batch_undo, name="batch_undo"),
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
    path(
        "photographs/<int:pk>/describe/save/",
        autosave.autosave,
        name="photograph_autosave",
    ),
    path(
        "photographs/<int:pk>/describe/undo/",
        autosave.undo,
        name="photograph_undo",
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
    path("review/order/", review.review_order, name="review_order"),
    path("review/together/", decisions.decide_together, name="review_together"),
    path("review/batch/", batch_review.batch, name="review_batch"),
    path("review/batch/accept/", batch_review.batch_accept, name="review_batch_accept"),
    path(
        "review/batch/<int:pk>/undo/",
        batch_review.batch_undo,
        name="review_batch_undo",
    ),
    path("review/words/", machine_words.words, name="machine_words"),
    path("review/words/learn/", machine_words.words_learn, name="machine_words_learn"),
    path(
        "review/words/<int:pk>/settle/",
        machine_words.word_settle,
        name="machine_word_settle",
    ),
    path(
        "review/words/<int:pk>/undo/", machine_words.word_undo, name="machine_word_undo"
    ),
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
    # The public gallery
    path("gallery/", gallery.start, name="gallery"),
    path("gallery/collections/<int:pk>/", gallery.shelf, name="gallery_shelf"),
    path("gallery/photographs/<int:pk>/", gallery.plate, name="gallery_plate"),
    path("gallery/pictures/<int:pk>/", gallery.picture, name="gallery_picture"),
    path("gallery/pictures/<int:pk>/copy/", gallery.copy, name="gallery_copy"),
    path("robots.txt", gallery.robots, name="robots"),
    path("publishing/gallery/", publishing.gallery, name="gallery_settings"),
    path("derivatives/<int:pk>/copy/", files.access_copy, name="access_copy"),
    # Files
    path("derivatives/<int:pk>/", files.derivative, name="derivative"),
    path("masters/<int:pk>/", files.master, name="master"),
    path("masters/<int:pk>/tiles/", tiles.standing, name="tiles"),
    path("masters/<int:pk>/tiles/prepare/", tiles.prepare, name="tiles_prepare"),
    path("masters/<int:pk>/iiif/info.json", tiles.information, name="master_iiif"),
    path(
        "masters/<int:pk>/iiif/<str:region>/<str:size>/0/default.jpg",
        tiles.tile,
        name="master_tile",
    ),
]
