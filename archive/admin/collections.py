"""Collections: the tree above the photographs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from archive import describing, policy
from archive.admin.pages import CatalogueAdmin, person
from archive.admin.photographs import POLICIES
from archive.models import Collection
from archive.vocabularies import Policy

INDENT = "\u2003"  # an em space


class CollectionForm(forms.ModelForm[Collection]):
    """A description, and where it stands."""

    parent = forms.ModelChoiceField(
        queryset=Collection.objects.all(),
        required=False,
        empty_label=_("At the top"),
        label=_("below"),
    )

    class Meta:
        """What can be written."""

        model = Collection
        fields = ("level", *Collection.DESCRIPTIVE_FIELDS, *POLICIES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Show where it stands now, and offer every place but itself."""
        super().__init__(*args, **kwargs)
        places = Collection.objects.all()
        if self.instance.pk:
            above = Collection.objects.get_parent(self.instance)
            self.fields["parent"].initial = above
            places = places.exclude(path__startswith=self.instance.path)
        self.fields["parent"].queryset = places  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse a level that cannot stand there."""
        cleaned = super().clean() or self.cleaned_data
        unit = Collection(level=cleaned.get("level", self.instance.level))
        try:
            unit.check_level_below(cleaned.get("parent"))
        except ValidationError as problem:
            self.add_error("level", problem.messages)
        return cleaned


@admin.register(Collection)
class CollectionAdmin(CatalogueAdmin):
    """Fonds, series and files, as a list in the order of the tree."""

    form = CollectionForm
    list_display = (
        "indented",
        "title",
        "level",
        "creator",
        "date_text",
        "do_not_colorize",
        "do_not_tag",
        "sensitive",
    )
    list_filter = ("level", *POLICIES)
    search_fields = ("reference_code", "title")
    ordering = ("path",)
    readonly_fields = ("date_earliest", "date_latest", "created_at", "modified_at")
    actions = None

    @admin.display(description=_("reference code"), ordering="path")
    def indented(self, collection: Collection) -> str:
        """Return the code, as far in as the collection is deep."""
        indented: str = INDENT * (collection.depth - 1) + collection.reference_code
        return indented

    def get_readonly_fields(
        self, request: HttpRequest, obj: Collection | None = None
    ) -> Any:
        """Let only those restrict who may."""
        fixed = super().get_readonly_fields(request, obj)
        may = person(request).has_perm("archive.restrict_photograph")
        return fixed if may else (*fixed, *POLICIES)

    def save_model(
        self, request: HttpRequest, obj: Collection, form: Any, change: bool
    ) -> None:
        """Create, describe, restrict and move by the verbs, which record it."""
        by = person(request)
        values = form.cleaned_data
        written = ("level", *Collection.DESCRIPTIVE_FIELDS)
        if not change:
            stored = describing.create_collection(
                {name: values[name] for name in written},
                parent=values["parent"],
                by=by,
            )
            obj.pk = stored.pk
            flags = [flag for flag in Policy if values.get(flag.value)]
        else:
            stored = Collection.objects.get(pk=obj.pk)
            if "parent" in form.changed_data:
                stored = describing.move_collection(
                    stored, below=values["parent"], by=by
                )
            changed = {n: values[n] for n in form.changed_data if n in written}
            describing.describe_collection(stored, changed, by=by)
            flags = [flag for flag in Policy if flag.value in form.changed_data]
        for flag in flags:
            policy.restrict_collection(stored, flag, values[flag.value], by=by)
        obj.refresh_from_db()

    def delete_model(self, request: HttpRequest, obj: Collection) -> None:
        """Remove an empty collection by the verb, which records it."""
        describing.delete_collection(obj, by=person(request))
