"""What an edit of many photographs does to each: set, append, replace, clear."""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from django.utils.translation import gettext as _

from archive.batches.values import LONG, label, shown
from archive.vocabularies import Policy

HOW = ("set", "append", "replace", "clear")


def separator(name: str) -> str:
    """Return what stands between a text and what is appended to it."""
    if name in LONG:
        return "\n"
    return " " if name in {"title", "date_text", "date_edtf"} else "; "


@dataclass(frozen=True)
class TextChange:
    """One descriptive field's change.

    Attributes:
        how: set, append, replace or clear.
        value: the new text; with replace what takes the place of `find`.
        find: the text to look for, exactly as it is written.
    """

    how: str
    value: str = ""
    find: str = ""

    def of(self, name: str, text: str) -> str:
        """Return the text as it becomes."""
        if self.how == "set":
            return self.value
        if self.how == "clear":
            return ""
        if self.how == "replace":
            return text.replace(self.find, self.value) if self.find else text
        return f"{text}{separator(name)}{self.value}" if text else self.value

    def sentence(self, name: str) -> str:
        """Return what it does, as people read it."""
        words = {
            "set": _("%(field)s: set to “%(value)s”"),
            "append": _("%(field)s: “%(value)s” appended"),
            "replace": _("%(field)s: “%(find)s” replaced by “%(value)s”"),
            "clear": _("%(field)s: cleared"),
        }[self.how]
        value, find = shown(name, self.value)[:60], self.find[:60]
        return words % {"field": label(name), "value": value, "find": find}


@dataclass(frozen=True)
class Operations:
    """All that one edit does.

    Attributes:
        texts: descriptive field to its change.
        collection: reference code of where the photographs go; "" leaves them.
        add_terms: labels to put on.
        remove_terms: labels to take off.
        flags: restriction to whether it is set or lifted.
    """

    texts: Mapping[str, TextChange] = field(default_factory=dict)
    collection: str = ""
    add_terms: tuple[str, ...] = ()
    remove_terms: tuple[str, ...] = ()
    flags: Mapping[str, bool] = field(default_factory=dict)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Read what `as_json` wrote."""
        return cls(
            texts={n: TextChange(**one) for n, one in kept.get("texts", {}).items()},
            collection=kept.get("collection", ""),
            add_terms=tuple(kept.get("add_terms", ())),
            remove_terms=tuple(kept.get("remove_terms", ())),
            flags=dict(kept.get("flags", {})),
        )

    def as_json(self) -> dict[str, Any]:
        """Return them as JSON values."""
        return {
            "texts": {
                name: {"how": one.how, "value": one.value, "find": one.find}
                for name, one in self.texts.items()
            },
            "collection": self.collection,
            "add_terms": list(self.add_terms),
            "remove_terms": list(self.remove_terms),
            "flags": dict(self.flags),
        }

    def sentences(self) -> list[str]:
        """Return what they do, field by field."""
        said = [change.sentence(name) for name, change in self.texts.items()]
        if self.collection:
            said.append(_("moved to %(code)s") % {"code": self.collection})
        if self.add_terms:
            said.append(_("terms added: %(terms)s") % {"terms": _list(self.add_terms)})
        if self.remove_terms:
            said.append(
                _("terms removed: %(terms)s") % {"terms": _list(self.remove_terms)}
            )
        for flag, value in self.flags.items():
            words = _("%(field)s: set") if value else _("%(field)s: lifted")
            said.append(words % {"field": Policy(flag).label})
        return said

    def changed(
        self, before: Mapping[str, Any], terms: Some[str]
    ) -> dict[str, list[Any]]:
        """Return what changes of one photograph, field to `[from, to]`; dates aside.

        Args:
            before: its descriptive fields, restrictions and collection's code.
            terms: the labels that it bears.
        """
        after = {n: change.of(n, before[n]) for n, change in self.texts.items()}
        if self.collection:
            after["collection"] = self.collection
        changes = {
            name: [before[name], value]
            for name, value in {**after, **self.flags}.items()
            if before[name] != value
        }
        unwanted = {label.casefold() for label in self.remove_terms}
        borne = {label.casefold() for label in terms}
        gone = sorted(label for label in terms if label.casefold() in unwanted)
        new = [label for label in self.add_terms if label.casefold() not in borne]
        if gone or new:
            changes["terms"] = [gone, new]
        return changes


def _list(labels: Some[str]) -> str:
    return ", ".join(labels)[:200]


def permissions(changes: Mapping[str, Some[Any]]) -> set[str]:
    """Return what a person must be allowed to, to make such changes."""
    needed = set()
    for name, (before, after) in changes.items():
        if name in Policy.values:
            needed.add("archive.restrict_photograph")
        elif name != "terms":
            needed.add("archive.change_photograph")
        else:
            needed |= {"archive.add_assignment"} if after else set()
            needed |= {"archive.delete_assignment"} if before else set()
    return needed
