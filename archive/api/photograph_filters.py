"""Which photographs, in which order."""

from __future__ import annotations

import datetime as dt

import django_filters
from django.db import models
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError

from archive.api.filtering import Filter, Ordering
from archive.models import Collection, Term
from archive.querysets import PhotographQuerySet
from archive.search_query import parse
from archive.sheet_filter import few
from archive.vocabularies import MEDIA_TYPES, Policy, Rights


class WorkState(models.TextChoices):
    """How far the work on a photograph has come."""

    UNDESCRIBED = "undescribed", _("Without a title")
    DESCRIBED = "described", _("With a title")
    UNCOLORIZED = "uncolorized", _("Without a machine's colours")
    COLORIZED = "colorized", _("With a machine's colours, reviewed or not")
    UNTAGGED = "untagged", _("Seen by no tagger")
    TAGGED = "tagged", _("Seen by a tagger")
    AWAITING_REVIEW = "awaiting_review", _("With something to review")
    PUBLISHED = "published", _("Published")
    UNPUBLISHED = "unpublished", _("Not published")


class PhotographFilter(Filter):
    """Photographs by place, words, date, work done and restriction."""

    collection = django_filters.ModelChoiceFilter(
        queryset=Collection.objects.all(),
        method="lie_within",
        label="In this collection and everything below it.",
    )
    directly_in = django_filters.ModelChoiceFilter(
        queryset=Collection.objects.all(),
        field_name="collection",
        label="In this collection and nothing below it.",
    )
    text = django_filters.CharFilter(
        method="hold_words",
        max_length=200,
        label=(
            'Every word, in the description or the terms; `"a phrase"`, '
            "`begin*`, `-without`. Best match first where no order is named."
        ),
    )
    reference_code = django_filters.CharFilter(max_length=120)
    creator = django_filters.CharFilter(lookup_expr="icontains", max_length=300)
    place = django_filters.CharFilter(lookup_expr="icontains", max_length=300)
    rights = django_filters.ChoiceFilter(choices=Rights.choices)
    term = django_filters.ModelChoiceFilter(
        queryset=Term.objects.all(), method="have_term", label="Has this term."
    )
    date_from = django_filters.DateFilter(
        method="end_after", label="May have been taken on this day or later."
    )
    date_to = django_filters.DateFilter(
        method="begin_before", label="May have been taken on this day or earlier."
    )
    media_type = django_filters.ChoiceFilter(
        choices=list(MEDIA_TYPES.items()),
        method="be_of_kind",
        label="The kind of file that the front is.",
    )
    state = django_filters.ChoiceFilter(
        choices=WorkState.choices, method="stand_at", label="How far the work is."
    )
    restricted = django_filters.ChoiceFilter(
        choices=Policy.choices,
        method="be_restricted",
        label="The restriction holds, own or inherited.",
    )
    permitting = django_filters.ChoiceFilter(
        choices=Policy.choices,
        method="be_permitting",
        label="The restriction does not hold.",
    )
    ordering = Ordering(
        fields=[
            "reference_code",
            "title",
            "creator",
            "date_earliest",
            "date_latest",
            "created_at",
            "modified_at",
        ]
    )

    def lie_within(
        self, photographs: PhotographQuerySet, _name: str, value: Collection
    ) -> PhotographQuerySet:
        """Keep those in the collection and in everything below it."""
        return photographs.within(value)

    def hold_words(
        self, photographs: PhotographQuerySet, _name: str, value: str
    ) -> PhotographQuerySet:
        """Keep those that hold every word, the best first where no order is named."""
        if not parse(value):
            raise ValidationError({"text": ["Write at least one word to look for."]})
        found = photographs.matching(value)
        if self.data.get("ordering") or not few(found):
            return found
        return found.best_first(value)

    def be_of_kind(
        self, photographs: PhotographQuerySet, _name: str, value: str
    ) -> PhotographQuerySet:
        """Keep those whose front is such a file."""
        return photographs.of_kind(value)

    def have_term(
        self, photographs: PhotographQuerySet, _name: str, value: Term
    ) -> PhotographQuerySet:
        """Keep those that a person put the term on."""
        return photographs.filter(
            pk__in=value.assignments.order_by().values("photograph")
        )

    def end_after(
        self, photographs: PhotographQuerySet, _name: str, value: dt.date
    ) -> PhotographQuerySet:
        """Keep those whose span of days reaches the day."""
        return photographs.dated_between(value, None)

    def begin_before(
        self, photographs: PhotographQuerySet, _name: str, value: dt.date
    ) -> PhotographQuerySet:
        """Keep those whose span of days begins by the day."""
        return photographs.dated_between(None, value)

    def stand_at(
        self, photographs: PhotographQuerySet, _name: str, value: str
    ) -> PhotographQuerySet:
        """Keep those at that state of work."""
        match WorkState(value):
            case WorkState.UNDESCRIBED:
                return photographs.filter(title="")
            case WorkState.DESCRIBED:
                return photographs.described()
            case WorkState.UNCOLORIZED:
                return photographs.filter(colorized_at=None)
            case WorkState.COLORIZED:
                return photographs.colorized()
            case WorkState.UNTAGGED:
                return photographs.filter(tagged_at=None)
            case WorkState.TAGGED:
                return photographs.tagged()
            case WorkState.AWAITING_REVIEW:
                return photographs.awaiting_review()
            case WorkState.PUBLISHED:
                return photographs.published()
            case WorkState.UNPUBLISHED:
                return photographs.filter(publication=None)

    def be_restricted(
        self, photographs: PhotographQuerySet, _name: str, value: str
    ) -> PhotographQuerySet:
        """Keep those that the restriction holds for."""
        return photographs.restricted(Policy(value))

    def be_permitting(
        self, photographs: PhotographQuerySet, _name: str, value: str
    ) -> PhotographQuerySet:
        """Keep those that the restriction does not hold for."""
        return photographs.permitting(Policy(value))
