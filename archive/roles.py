"""The four roles of an archive, as Django groups with permissions.

A role can do all that the roles before it can.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps as registry
from django.contrib.auth.models import Group, Permission
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

VIEWER = "viewer"
CATALOGUER = "cataloguer"
CURATOR = "curator"
ADMINISTRATOR = "administrator"

ROLES = {
    VIEWER: _("Viewer: reads everything"),
    CATALOGUER: _("Cataloguer: ingests, describes, requests colour and tags"),
    CURATOR: _("Curator: reviews, restricts and publishes"),
    ADMINISTRATOR: _("Administrator: manages people and settings"),
}

_OURS = Q(content_type__app_label__in=["archive", "colorizer"])
_GRANTS = {
    VIEWER: _OURS & Q(codename__startswith="view_"),
    CATALOGUER: Q(
        content_type__app_label="archive",
        codename__in=[
            "add_collection",
            "change_collection",
            "add_photograph",
            "change_photograph",
            "add_accession",
            "change_accession",
            "add_term",
            "change_term",
            "add_termsynonym",
            "change_termsynonym",
            "delete_termsynonym",
            "add_assignment",
            "delete_assignment",
            "ingest_photograph",
            "request_machine_vision",
        ],
    ),
    CURATOR: Q(
        content_type__app_label="archive",
        codename__in=[
            "delete_collection",
            "review_photograph",
            "restrict_photograph",
            "publish_photograph",
        ],
    ),
    ADMINISTRATOR: _OURS | Q(content_type__app_label__in=["auth", "authtoken"]),
}


def establish_roles(using: str = "default", **_signal: Any) -> None:
    """Create the groups and give them their permissions; safe to run again.

    Django creates permissions after migrating each application, and calls this then.
    """
    if using != "default" or not registry.is_installed("django.contrib.auth"):
        return
    granted = Q(pk__in=[])
    for role, grant in _GRANTS.items():
        granted |= grant
        group, _created = Group.objects.get_or_create(name=role)
        group.permissions.set(Permission.objects.filter(granted))
