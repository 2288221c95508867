"""Publishing: freezing what a curator decided into the published record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from archive import policy
from archive.errors import NotInThisState, NotPublishable
from archive.models import Derivative, Photograph, Publication
from archive.provenance import record
from archive.vocabularies import EventType, Grade, Policy, ReviewState

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def dublin_core(photograph: Photograph) -> dict[str, Any]:
    """Return the photograph's record in Dublin Core terms: only what people decided.

    Empty terms are left out. Machine suggestions that nobody accepted are not in it.
    """
    terms = photograph.assignments.select_related("term").order_by("term__label")
    values: dict[str, Any] = {
        "identifier": photograph.reference_code,
        "title": photograph.title,
        "creator": photograph.creator,
        "date": photograph.date_text,
        "created": photograph.date_edtf,
        "description": photograph.description,
        "extent": photograph.extent_and_medium,
        "spatial": photograph.place,
        "rights": photograph.rights,
        "subject": [assignment.term.label for assignment in terms],
        "isPartOf": photograph.collection.reference_code,
        "type": "StillImage",
    }
    return {name: value for name, value in values.items() if value}


def publish(photograph: Photograph, *, by: User) -> Publication:
    """Publish the record as it stands, with the accepted colorization if any.

    Publishing again replaces what was published before.

    Raises:
        NotPublishable: it is sensitive, untitled, or without a rights statement.
    """
    carrier = policy.holding(photograph, Policy.SENSITIVE)
    if carrier is not None:
        raise NotPublishable(
            _("%(code)s is flagged as sensitive (%(carrier)s) and is not published.")
            % {
                "code": photograph.reference_code,
                "carrier": carrier.reference_code,
            }
        )
    missing = [
        word
        for word, value in (
            (_("a title"), photograph.title),
            (_("a rights statement"), photograph.rights),
        )
        if not value
    ]
    if missing:
        raise NotPublishable(
            _("%(code)s needs %(missing)s before it can be published.")
            % {
                "code": photograph.reference_code,
                "missing": _(" and ").join(missing),
            }
        )
    colorization = (
        Derivative.objects.colorizations()
        .filter(
            master__photograph=photograph,
            master__side="recto",
            review_state=ReviewState.ACCEPTED,
        )
        .first()
    )
    if policy.holding(photograph, Policy.DO_NOT_COLORIZE):
        colorization = None
    record_now = dublin_core(photograph)
    if colorization is not None:
        record_now["provenance"] = _colours(colorization)
    with transaction.atomic():
        before = Publication.objects.filter(photograph=photograph).first()
        publication, _created = Publication.objects.update_or_create(
            photograph=photograph,
            defaults={
                "record": record_now,
                "colorization": colorization,
                "published_at": timezone.now(),
                "published_by": by,
            },
        )
        record(
            EventType.DISSEMINATION,
            "published",
            photograph,
            by=by,
            changes={"record": [before.record if before else None, publication.record]},
        )
    return publication


def _colours(colorization: Derivative) -> str:
    """Return, for the record, where the published colours come from."""
    words = f"Colours are a machine's interpretation ({colorization.made_by})"
    if colorization.steered:
        with translation.override(settings.LANGUAGE_CODE):
            words = f"{words}, {colorization.steered_words}"
    if colorization.grade == Grade.DOCUMENTED:
        return f"{words}; documented by: {colorization.grade_source}"
    return f"{words}; illustrative"


def withdraw(photograph: Photograph, *, by: User, reason: str = "") -> None:
    """Take a photograph out of publication; the working record stays as it is.

    Raises:
        NotInThisState: it is not published.
    """
    with transaction.atomic():
        removed, _each = Publication.objects.filter(photograph=photograph).delete()
        if not removed:
            raise NotInThisState(
                _("%(code)s is not published.") % {"code": photograph.reference_code}
            )
        record(EventType.DISSEMINATION, "withdrawn", photograph, by=by, note=reason)
