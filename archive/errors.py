"""What can go wrong in the catalogue, each with a stable code and a sentence."""

from __future__ import annotations

from dataclasses import dataclass


class ArchiveError(Exception):
    """A known reason why a verb did not do its work.

    Attributes:
        code: stable, machine-readable name of the reason.
        sentence: what happened and what the curator can do about it.
    """

    code = "archive_error"

    def __init__(self, sentence: str) -> None:
        """Keep the sentence that the curator will read."""
        super().__init__(sentence)
        self.sentence = sentence


class DuplicateFile(ArchiveError):
    """The same bytes are already a master of the archive."""

    code = "duplicate"

    def __init__(self, sentence: str, existing_photograph: int) -> None:
        """Name the photograph (its primary key) that holds the bytes."""
        super().__init__(sentence)
        self.existing_photograph = existing_photograph


class NotACollection(ArchiveError):
    """The place named for the photographs does not exist or cannot hold them."""

    code = "not_a_collection"


class SourceUnreadable(ArchiveError):
    """The folder or file to ingest cannot be read."""

    code = "source_unreadable"


class UnreadablePicture(ArchiveError):
    """The file is not a picture that the archive takes."""

    def __init__(self, sentence: str, code: str) -> None:
        """Take over the code of the decoder's refusal."""
        super().__init__(sentence)
        self.code = code


class StoreFull(ArchiveError):
    """The disk that holds the archive has no room for the file."""

    code = "disk_full"


class CopyDiffers(ArchiveError):
    """The copy in the store is not what was read from the source."""

    code = "copy_differs"


class StoreUnwritable(ArchiveError):
    """The folder of the archive cannot be written, for another reason than room."""

    code = "store_unwritable"


class FixityBroken(ArchiveError):
    """A stored file is not, byte for byte, what was ingested."""

    code = "fixity_broken"


class NotInThisState(ArchiveError):
    """The thing has moved on since it was looked at; nothing was changed."""

    code = "not_in_this_state"


class EditedMeanwhile(ArchiveError):
    """Someone else saved the same record first; nothing was changed."""

    code = "edited_meanwhile"


class InvalidDescription(ArchiveError):
    """A field holds something that it cannot mean.

    Attributes:
        fields: field name to a sentence about it.
    """

    code = "invalid_description"

    def __init__(self, sentence: str, fields: dict[str, str]) -> None:
        """Keep the sentences field by field."""
        super().__init__(sentence)
        self.fields = fields


class NotPublishable(ArchiveError):
    """The photograph lacks something without which it may not be published."""

    code = "not_publishable"


class Immutable(ArchiveError):
    """Masters and events are never changed or deleted."""

    code = "immutable"


@dataclass(frozen=True)
class Refusal:
    """Why one photograph was left out of a bulk action.

    Attributes:
        photograph: primary key.
        code: stable name of the reason.
        sentence: the reason, for the curator.
    """

    photograph: int
    code: str
    sentence: str
