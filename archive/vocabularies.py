"""The controlled values of the catalogue, in the words of the standards."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# The vocabulary of the terms that taggers suggest.
MACHINE_VOCABULARY = "autochrome"
PREMIS_EVENT_TYPE = "http://id.loc.gov/vocabulary/preservation/eventType/"


class Level(models.TextChoices):
    """Levels of description, ISAD(G) 3.1.4; the item is the photograph itself."""

    FONDS = "fonds", _("Fonds")
    SUBFONDS = "subfonds", _("Sub-fonds")
    SERIES = "series", _("Series")
    SUBSERIES = "subseries", _("Sub-series")
    FILE = "file", pgettext_lazy("level of description", "File")

    @property
    def depth(self) -> int:
        """Position from the top: a child's depth is never less than its parent's."""
        return list(Level).index(self)


class Side(models.TextChoices):
    """Which side of the print a master shows."""

    RECTO = "recto", _("Recto (front)")
    VERSO = "verso", _("Verso (back)")


class Purpose(models.TextChoices):
    """What a derivative is for.

    `COLORIZATION` is the small chroma plane that a model predicted: the thing that
    is reviewed. `COLOUR_DISPLAY` and `COLOUR_THUMBNAIL` are pictures composed from
    it, and have it as their source.
    """

    THUMBNAIL = "thumbnail", _("Thumbnail")
    DISPLAY = "display", _("Display copy")
    COLORIZATION = "colorization", _("Colorization")
    COLOUR_DISPLAY = "colour_display", _("Colour display copy")
    COLOUR_THUMBNAIL = "colour_thumbnail", _("Colour thumbnail")


# The kinds of master files that the archive takes.
MEDIA_TYPES = {
    "image/tiff": "TIFF",
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WebP",
    "image/heif": "HEIF",
}


class ReviewState(models.TextChoices):
    """Where a machine-made thing stands with the curator.

    A draft is a colorization that somebody steers and has not proposed yet; what is
    blocked is a suggestion of a word that the archive does not want to be suggested.
    """

    NOT_NEEDED = "not_needed", _("No review needed")
    DRAFT = "draft", _("Draft")
    AWAITING = "awaiting", _("Awaiting review")
    ACCEPTED = "accepted", _("Accepted")
    REJECTED = "rejected", _("Rejected")
    SUPERSEDED = "superseded", _("Superseded")
    BLOCKED = "blocked", _("Blocked")


class Grade(models.TextChoices):
    """What the archive says of an accepted colorization's truth."""

    ILLUSTRATIVE = "illustrative", _("Illustrative")
    DOCUMENTED = "documented", _("Documented")


class EventType(models.TextChoices):
    """PREMIS event types that the archive records, by their code in the vocabulary."""

    INGESTION = "ing", _("Ingestion")
    MESSAGE_DIGEST = "mes", _("Message digest calculation")
    FIXITY_CHECK = "fix", _("Fixity check")
    VALIDATION = "val", _("Validation")
    CREATION = "cre", _("Creation")
    MODIFICATION = "mod", _("Modification")
    METADATA_MODIFICATION = "mem", _("Metadata modification")
    REPLICATION = "rep", _("Replication")
    DISSEMINATION = "dis", _("Dissemination")
    DELETION = "del", _("Deletion")

    @property
    def uri(self) -> str:
        """The type's address in the PREMIS vocabulary."""
        return f"{PREMIS_EVENT_TYPE}{self.value}"


class EventOutcome(models.TextChoices):
    """PREMIS event outcomes."""

    SUCCESS = "suc", _("Success")
    FAILURE = "fai", _("Failure")


class AccessionState(models.TextChoices):
    """How far an ingest run has come."""

    EXAMINING = "examining", _("Examining")
    EXAMINED = "examined", _("Ready to ingest")
    INGESTING = "ingesting", _("Ingesting")
    FINISHED = "finished", _("Finished")
    CANCELLED = "cancelled", _("Cancelled")
    FAILED = "failed", _("Failed")


class ItemOutcome(models.TextChoices):
    """What became, or would become, of one file of an ingest run."""

    NEW = "new", _("New")
    INGESTED = "ingested", _("Ingested")
    DUPLICATE = "duplicate", _("Already in the archive")
    UNREADABLE = "unreadable", _("Unreadable")
    FAILED = "failed", _("Failed")


class BatchKind(models.TextChoices):
    """What a batch of changes came from."""

    EDIT = "edit", _("Edit")
    IMPORT = "import", _("Import")
    UNDO = "undo", _("Undo")


class BatchState(models.TextChoices):
    """How far a batch has come."""

    PLANNING = "planning", _("Being previewed")
    PLANNED = "planned", _("Preview")
    APPLYING = "applying", _("Being applied")
    APPLIED = "applied", _("Applied")
    FAILED = "failed", _("Failed")


class BatchAction(models.TextChoices):
    """What an item of a batch does with its photograph."""

    CHANGE = "change", _("Change")
    CREATE = "create", _("Create")
    DELETE = "delete", _("Delete")


class BatchOutcome(models.TextChoices):
    """What becomes, or became, of one item of a batch."""

    WAITING = "waiting", _("Will change")
    DONE = "done", _("Changed")
    UNCHANGED = "unchanged", _("Already so")
    REFUSED = "refused", _("Refused")
    LEFT = "left", _("Left alone")


class Policy(models.TextChoices):
    """Restrictions; each is the name of the flag on collections and photographs."""

    DO_NOT_COLORIZE = "do_not_colorize", _("Do not colorize")
    DO_NOT_TAG = "do_not_tag", _("Do not tag")
    SENSITIVE = "sensitive", _("Sensitive")


_STATEMENT = "http://rightsstatements.org/vocab/"
_LICENCE = "http://creativecommons.org/"


class Rights(models.TextChoices):
    """Rights statements by URI: rightsstatements.org and Creative Commons."""

    IN_COPYRIGHT = f"{_STATEMENT}InC/1.0/", _("In copyright")
    ORPHAN_WORK = f"{_STATEMENT}InC-OW-EU/1.0/", _("In copyright – EU orphan work")
    EDUCATIONAL = (
        f"{_STATEMENT}InC-EDU/1.0/",
        _("In copyright – educational use permitted"),
    )
    NON_COMMERCIAL = (
        f"{_STATEMENT}InC-NC/1.0/",
        _("In copyright – non-commercial use permitted"),
    )
    HOLDER_UNLOCATABLE = (
        f"{_STATEMENT}InC-RUU/1.0/",
        _("In copyright – rights-holder unlocatable or unidentifiable"),
    )
    CONTRACTUAL = f"{_STATEMENT}NoC-CR/1.0/", _("No copyright – contractual limits")
    NOC_NON_COMMERCIAL = (
        f"{_STATEMENT}NoC-NC/1.0/",
        _("No copyright – non-commercial use only"),
    )
    OTHER_LEGAL = f"{_STATEMENT}NoC-OKLR/1.0/", _("No copyright – other legal limits")
    NOC_US = f"{_STATEMENT}NoC-US/1.0/", _("No copyright – United States")
    NOT_EVALUATED = f"{_STATEMENT}CNE/1.0/", _("Copyright not evaluated")
    UNDETERMINED = f"{_STATEMENT}UND/1.0/", _("Copyright undetermined")
    NO_KNOWN = f"{_STATEMENT}NKC/1.0/", _("No known copyright")
    CC_BY = f"{_LICENCE}licenses/by/4.0/", _("CC BY 4.0")
    CC_BY_SA = f"{_LICENCE}licenses/by-sa/4.0/", _("CC BY-SA 4.0")
    PUBLIC_DOMAIN = f"{_LICENCE}publicdomain/mark/1.0/", _("Public Domain Mark 1.0")
    CC0 = f"{_LICENCE}publicdomain/zero/1.0/", _("CC0 1.0")
