"""Ingest: from a folder of scans, or an upload, to photographs in the catalogue."""

from archive.ingest.accessions import (
    cancel,
    examine,
    examine_accession,
    ingest,
    ingest_folder,
    open_folder,
    start_examination,
    start_ingest,
)
from archive.ingest.discovery import Candidate, discover
from archive.ingest.files import ingest_file
from archive.ingest.incoming import receive_uploads

__all__ = [
    "Candidate",
    "cancel",
    "discover",
    "examine",
    "examine_accession",
    "ingest",
    "ingest_file",
    "ingest_folder",
    "open_folder",
    "receive_uploads",
    "start_examination",
    "start_ingest",
]
