"""Publishing: whether the public gallery is open, and how it greets."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from archive import gallery as galleries
from archive.models import GallerySettings
from archive.views.access import SignedInRequest, permitted


class GalleryForm(forms.ModelForm[GallerySettings]):
    """What an administrator decides."""

    class Meta:
        """All of it."""

        model = GallerySettings
        fields = ("open", "indexed", "downloads", "name", "welcome")
        widgets = {"welcome": forms.Textarea(attrs={"rows": 3})}


@require_http_methods(["GET", "HEAD", "POST"])
@permitted("archive.change_gallerysettings")
def gallery(request: SignedInRequest) -> HttpResponse:
    """Show and change the settings of the public gallery."""
    current = GallerySettings.current()
    sent = request.method == "POST" and galleries.is_allowed()
    form = GalleryForm(
        request.POST if sent else None, instance=current, label_suffix=""
    )
    if form.is_valid():
        form.instance.changed_by = request.user
        form.save()
        said = (
            _("The gallery is open.") if current.open else _("The gallery is closed.")
        )
        messages.success(request, said)
        return redirect("archive:gallery_settings")
    context = {
        "form": form,
        "current": GallerySettings.current(),
        "allowed": galleries.is_allowed(),
        "count": galleries.publications().count(),
    }
    status = 422 if form.is_bound else 200
    return render(request, "publishing/gallery.html", context, status=status)
