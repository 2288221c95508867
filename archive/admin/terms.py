"""Terms, who put them on photographs, and what machines suggest."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from archive import describing, review, terms
from archive.admin.pages import CatalogueAdmin, ReadOnlyAdmin, each, person
from archive.models import Assignment, Suggestion, Term


class TermForm(forms.ModelForm[Term]):
    """A term with its synonyms."""

    synonyms = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
        max_length=10_000,
        label=_("synonyms"),
        help_text=_("One a line."),
    )

    class Meta:
        """What can be written."""

        model = Term
        fields = terms.FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Show the synonyms that there are."""
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            labels = self.instance.synonyms.values_list("label", flat=True)
            self.fields["synonyms"].initial = "\n".join(labels)

    def clean_synonyms(self) -> list[str]:
        """Return the words, one a line.

        Raises:
            ValidationError: one is too long.
        """
        written: str = self.cleaned_data["synonyms"]
        lines = [" ".join(line.split()) for line in written.splitlines()]
        if any(len(line) > 200 for line in lines):
            raise forms.ValidationError(_("A synonym has 200 characters at most."))
        return [line for line in lines if line]


@admin.register(Term)
class TermAdmin(CatalogueAdmin):
    """The vocabularies."""

    form = TermForm
    list_display = ("label", "vocabulary", "uri", "used")
    list_filter = ("vocabulary",)
    search_fields = ("label", "synonyms__label")
    actions = None

    @admin.display(description=_("photographs"), ordering="used")
    def used(self, term: Any) -> int:
        """Return on how many photographs it is."""
        return int(term.used)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Count the uses."""
        return super().get_queryset(request).annotate(used=Count("assignments"))

    def has_delete_permission(
        self, request: HttpRequest, obj: Term | None = None
    ) -> bool:
        """Refuse: events name terms for ever."""
        return False

    def save_model(
        self, request: HttpRequest, obj: Term, form: Any, change: bool
    ) -> None:
        """Define it by the verb, which records it."""
        values = {name: form.cleaned_data[name] for name in terms.FIELDS}
        stored = Term.objects.get(pk=obj.pk) if change else Term()
        defined = terms.define(
            stored, values, synonyms=form.cleaned_data["synonyms"], by=person(request)
        )
        obj.pk = defined.pk


@admin.register(Assignment)
class AssignmentAdmin(CatalogueAdmin):
    """Terms of the record; put on and taken off, never edited."""

    list_display = ("term", "photograph", "assigned_by", "assigned_at", "suggestion")
    list_filter = ("assigned_at", ("suggestion", admin.EmptyFieldListFilter))
    list_select_related = ("term", "photograph", "assigned_by", "suggestion__term")
    search_fields = ("term__label", "photograph__reference_code")
    fields = ("photograph", "term")
    autocomplete_fields = ("photograph", "term")
    ordering = ("-pk",)
    actions = None

    def has_change_permission(
        self, request: HttpRequest, obj: Assignment | None = None
    ) -> bool:
        """Refuse: take it off and put another on."""
        return False

    def save_model(
        self, request: HttpRequest, obj: Assignment, form: Any, change: bool
    ) -> None:
        """Assign by the verb, which records it."""
        assigned = describing.assign_term(obj.photograph, obj.term, by=person(request))
        obj.pk = assigned.pk

    def delete_model(self, request: HttpRequest, obj: Assignment) -> None:
        """Take it off by the verb, which records it."""
        describing.remove_term(obj.photograph, obj.term, by=person(request))


@admin.register(Suggestion)
class SuggestionAdmin(ReadOnlyAdmin):
    """What machines propose, to be decided on."""

    list_display = (
        "term",
        "score",
        "photograph",
        "model_name",
        "model_version",
        "state",
        "decided_by",
        "decided_at",
    )
    list_filter = ("state", "model_name", "suggested_at")
    list_select_related = ("term", "photograph", "decided_by")
    search_fields = ("term__label", "photograph__reference_code")
    ordering = ("-pk",)
    actions = ("accept", "reject", "undo")

    def has_review_permission(self, request: HttpRequest) -> bool:
        """Whether the person may decide."""
        return person(request).has_perm("archive.review_photograph")

    @admin.action(description=_("Accept"), permissions=["review"])
    def accept(self, request: HttpRequest, queryset: Any) -> None:
        """Accept those that wait: the terms become part of the record."""
        outcome = each(
            queryset, lambda one: review.accept_suggestion(one, by=person(request))
        )
        self.tell(request, _("Accept"), outcome)

    @admin.action(description=_("Reject"), permissions=["review"])
    def reject(self, request: HttpRequest, queryset: Any) -> None:
        """Reject those that wait; no later run revives them."""
        outcome = each(
            queryset, lambda one: review.reject_suggestion(one, by=person(request))
        )
        self.tell(request, _("Reject"), outcome)

    @admin.action(description=_("Undo the decision"), permissions=["review"])
    def undo(self, request: HttpRequest, queryset: Any) -> None:
        """Let decided suggestions wait again."""
        outcome = each(
            queryset, lambda one: review.undo_suggestion(one, by=person(request))
        )
        self.tell(request, _("Undo the decision"), outcome)
