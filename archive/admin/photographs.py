"""Photographs: their descriptions, and what is done to many at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from archive import describing, policy, publishing
from archive.admin.pages import (
    CatalogueAdmin,
    ReadOnlyAdmin,
    each,
    person,
    thumbnail,
)
from archive.extensions import BulkAction, Outcome, bulk_actions
from archive.models import Collection, Photograph, Publication
from archive.querysets import PhotographQuerySet
from archive.vocabularies import Policy

Action = Callable[[Any, HttpRequest, Any], None]
POLICIES = [flag.value for flag in Policy]


class PhotographForm(forms.ModelForm[Photograph]):
    """A description, and the revision that the writer was looking at."""

    seen_revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        """What can be written."""

        model = Photograph
        fields = ("collection", *Photograph.DESCRIPTIVE_FIELDS, *POLICIES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Remember the revision."""
        super().__init__(*args, **kwargs)
        self.fields["seen_revision"].initial = self.instance.revision

    def clean_seen_revision(self) -> int:
        """Refuse to overwrite what someone else saved meanwhile.

        Raises:
            ValidationError: the description has a newer revision.
        """
        seen: int = self.cleaned_data["seen_revision"] or 0
        if not Photograph.objects.filter(pk=self.instance.pk, revision=seen).exists():
            raise ValidationError(
                _(
                    "Someone else changed this description while you were writing. "
                    "Nothing was overwritten: reload to see theirs, then save yours."
                ),
                code="edited_meanwhile",
            )
        return seen


class FondsFilter(admin.SimpleListFilter):
    """Photographs in one of the collections at the top, and below it."""

    title = _("collection")
    parameter_name = "within"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the collections at the top."""
        return [
            (str(root.pk), str(root)) for root in Collection.objects.get_root_nodes()
        ]

    def queryset(
        self, request: HttpRequest, queryset: Any
    ) -> PhotographQuerySet | None:
        """Keep what lies within."""
        key = self.value() or ""
        root = Collection.objects.filter(pk=key).first() if key.isdecimal() else None
        return queryset.within(root) if root else None


class PublishedFilter(admin.SimpleListFilter):
    """Photographs by whether they are published."""

    title = _("publication")
    parameter_name = "published"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the two."""
        return [("yes", _("Published")), ("no", _("Not published"))]

    def queryset(
        self, request: HttpRequest, queryset: Any
    ) -> PhotographQuerySet | None:
        """Keep the ones or the others."""
        found: PhotographQuerySet | None = None
        if self.value() == "yes":
            found = queryset.published()
        elif self.value() == "no":
            found = queryset.filter(publication=None)
        return found


@admin.register(Photograph)
class PhotographAdmin(CatalogueAdmin):
    """Photographs come by ingest and are never deleted; their descriptions change."""

    form = PhotographForm
    list_display = (
        "picture",
        "reference_code",
        "title",
        "creator",
        "date_text",
        "collection",
        "do_not_colorize",
        "do_not_tag",
        "sensitive",
        "colorized_at",
        "tagged_at",
    )
    list_display_links = ("picture", "reference_code")
    list_filter = (
        FondsFilter,
        PublishedFilter,
        *POLICIES,
        ("colorized_at", admin.EmptyFieldListFilter),
        ("tagged_at", admin.EmptyFieldListFilter),
        "rights",
    )
    list_select_related = ("collection",)
    search_fields = ("reference_code",)
    search_help_text = _("Words of the description, or terms.")
    autocomplete_fields = ("collection",)
    readonly_fields = (
        "date_earliest",
        "date_latest",
        "revision",
        "colorized_at",
        "tagged_at",
        "created_at",
        "modified_at",
    )

    @admin.display(description=_("picture"))
    def picture(self, photograph: Photograph) -> SafeString | str:
        """Return the front, small."""
        return thumbnail(photograph.recto)  # type: ignore[arg-type]

    def get_queryset(self, request: HttpRequest) -> PhotographQuerySet:
        """Fetch the pictures too."""
        photographs: Any = super().get_queryset(request)
        chosen: PhotographQuerySet = photographs.with_pictures()
        return chosen

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        """Search as everywhere in the archive."""
        return queryset.matching(search_term[:200]), False

    def get_readonly_fields(
        self, request: HttpRequest, obj: Photograph | None = None
    ) -> Any:
        """Let only those restrict who may."""
        fixed = super().get_readonly_fields(request, obj)
        may = person(request).has_perm("archive.restrict_photograph")
        return fixed if may else (*fixed, *POLICIES)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: photographs come by ingest."""
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: Photograph | None = None
    ) -> bool:
        """Refuse: photographs are never deleted."""
        return False

    def save_model(
        self, request: HttpRequest, obj: Photograph, form: Any, change: bool
    ) -> None:
        """Describe, restrict and move by the verbs, which record it."""
        stored = Photograph.objects.get(pk=obj.pk)
        changed = {name: form.cleaned_data[name] for name in form.changed_data}
        described = {
            name: value
            for name, value in changed.items()
            if name in Photograph.DESCRIPTIVE_FIELDS
        }
        by = person(request)
        describing.describe(
            stored, described, by=by, revision=form.cleaned_data["seen_revision"]
        )
        one = Photograph.objects.filter(pk=obj.pk)
        for flag in Policy:
            if flag.value in changed:
                policy.restrict(one, flag, changed[flag.value], by=by)
        if "collection" in changed:
            describing.move_photographs([stored], to=changed["collection"], by=by)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer every registered verb that asks nothing, and each restriction."""
        actions: dict[str, Any] = super().get_actions(request)
        if not actions and "_popup" in request.GET:
            return actions
        by = person(request)
        for bulk in bulk_actions.values():
            if bulk.form is None and by.has_perm(bulk.permission):
                actions[bulk.name] = (_bulk(bulk), bulk.name, bulk.label)
        if by.has_perm("archive.restrict_photograph"):
            for flag in Policy:
                for value, words in (
                    (True, gettext("Set restriction: %s")),
                    (False, gettext("Lift restriction: %s")),
                ):
                    name = f"{'set' if value else 'lift'}_{flag.value}"
                    label = words % flag.label
                    actions[name] = (_restrict(flag, value, label), name, label)
        return actions


@admin.register(Publication)
class PublicationAdmin(ReadOnlyAdmin):
    """What the archive has published; it is withdrawn here, never edited."""

    list_display = ("__str__", "photograph", "published_at", "published_by")
    list_select_related = ("photograph", "published_by")
    list_filter = ("published_at",)
    search_fields = ("photograph__reference_code", "photograph__title")
    actions = ("withdraw",)

    def has_publish_permission(self, request: HttpRequest) -> bool:
        """Whether the person may publish and withdraw."""
        return person(request).has_perm("archive.publish_photograph")

    @admin.action(description=_("Withdraw"), permissions=["publish"])
    def withdraw(self, request: HttpRequest, queryset: Any) -> None:
        """Take the photographs out of publication."""
        outcome = each(
            queryset.select_related("photograph"),
            lambda one: publishing.withdraw(one.photograph, by=person(request)),
        )
        self.tell(request, gettext("Withdraw"), outcome)


def _bulk(bulk: BulkAction) -> Action:
    def run(page: CatalogueAdmin, request: HttpRequest, photographs: Any) -> None:
        page.tell(request, bulk.label, bulk.run(_plain(photographs), person(request)))

    return run


def _restrict(flag: Policy, value: bool, label: str) -> Action:
    def run(page: CatalogueAdmin, request: HttpRequest, photographs: Any) -> None:
        changed = policy.restrict(_plain(photographs), flag, value, by=person(request))
        page.tell(request, label, Outcome(changed))

    return run


def _plain(photographs: PhotographQuerySet) -> PhotographQuerySet:
    """Return the chosen photographs without what the list fetched to show them."""
    chosen: PhotographQuerySet = Photograph.objects.filter(
        pk__in=photographs.order_by().values("pk")
    )
    return chosen
