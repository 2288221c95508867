"""Where other applications add to the archive's pages, which know none of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from archive.errors import Refusal

if TYPE_CHECKING:
    from django.forms import Form
    from django.http import HttpRequest
    from django.utils.functional import _StrPromise

    from archive.models import Photograph

    Words = str | _StrPromise


@dataclass(frozen=True)
class Outcome:
    """What a bulk action did: how many, and who was left out and why.

    Attributes:
        done: how many photographs were changed.
        refusals: why others were not.
        batch: primary key of the batch that can undo it; None where none can.
    """

    done: int
    refusals: list[Refusal] = field(default_factory=list)
    batch: int | None = None


@dataclass(frozen=True)
class BulkAction:
    """A verb for many photographs, offered wherever photographs are selected.

    Attributes:
        name: stable, in addresses and forms.
        label: what the button says.
        permission: needed to see and to use it, such as `archive.publish_photograph`.
        run: does it for the photographs, on behalf of the user; the cleaned values of
            `form` follow as keywords.
        form: what must be asked first; None where nothing is.
    """

    name: str
    label: Words
    permission: str
    run: Callable[..., Outcome]
    form: type[Form] | None = None


@dataclass(frozen=True)
class PhotographPanel:
    """A part of the photograph page: a template and what to fill it with."""

    name: str
    template: str
    context: Callable[[HttpRequest, Photograph], dict[str, Any]]


@dataclass(frozen=True)
class DeskPanel:
    """A part of the desk: a template and what to fill it with."""

    name: str
    template: str
    context: Callable[[HttpRequest], dict[str, Any]]


@dataclass(frozen=True)
class NavigationEntry:
    """A place in the navigation: the name of its address and its label."""

    url_name: str
    label: Words


bulk_actions: dict[str, BulkAction] = {}
photograph_panels: dict[str, PhotographPanel] = {}
desk_panels: dict[str, DeskPanel] = {}
navigation: dict[str, NavigationEntry] = {}


def register_bulk_action(action: BulkAction) -> None:
    """Offer a verb for many photographs; a later one of the same name replaces it."""
    bulk_actions[action.name] = action


def register_photograph_panel(panel: PhotographPanel) -> None:
    """Show a panel on the photograph page."""
    photograph_panels[panel.name] = panel


def register_desk_panel(panel: DeskPanel) -> None:
    """Show a panel on the desk."""
    desk_panels[panel.name] = panel


def register_navigation(entry: NavigationEntry) -> None:
    """Show a place in the navigation."""
    navigation[entry.url_name] = entry
