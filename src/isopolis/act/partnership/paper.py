"""The orientation paper: sections and themes in versions, and what changed between two of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, model_validator

from .base import Access, Key, Plain, Source, Texts
from .when import When

__all__ = ["Change", "OrientationPaper", "Section", "Theme", "Version", "changes"]


class Theme(Plain):
    """One theme of the paper; `concepts` are terms of the vocabulary."""

    key: Key
    title: Texts
    text: str = Field(default="", max_length=8000)
    concepts: tuple[str, ...] = ()


class Section(Plain):
    """One section. Where only its existence is known it is marked absent and has no text."""

    key: Key
    title: Texts
    text: str = Field(default="", max_length=20_000)
    theme: str = ""
    status: Literal["", "absent"] = ""

    @model_validator(mode="after")
    def _absent_is_empty(self) -> Section:
        if self.status == "absent" and self.text:
            raise ValueError("a section that is marked absent cannot have a text")
        return self


class Version(Plain):
    """One state of the paper; it never changes once there is a later one."""

    number: Annotated[str, Field(min_length=1, max_length=20)]
    day: When | None = None
    state: Literal["outline", "draft", "final"] = "draft"
    note: str = Field(default="", max_length=4000)
    themes: tuple[Theme, ...] = ()
    sections: tuple[Section, ...] = ()

    @model_validator(mode="after")
    def _themes_are_there(self) -> Version:
        for kind, keys in (("themes", self.themes), ("sections", self.sections)):
            named = [k.key for k in keys]
            if len(set(named)) < len(named):
                raise ValueError(f"two {kind} have the same key")
        themes = {t.key for t in self.themes}
        lost = [s.theme for s in self.sections if s.theme and s.theme not in themes]
        if lost:
            raise ValueError(f"a section names the theme {lost[0]}, which is not in this version")
        return self


class OrientationPaper(Plain):
    """The paper with all its versions, oldest first."""

    key: Key
    title: Texts
    versions: Annotated[tuple[Version, ...], Field(min_length=1)]
    access: Access = "public"
    sources: tuple[Source, ...] = ()

    @model_validator(mode="after")
    def _numbers_differ(self) -> OrientationPaper:
        numbers = [v.number for v in self.versions]
        if len(set(numbers)) < len(numbers):
            raise ValueError("two versions have the same number")
        return self

    def version(self, number: str = "") -> Version | None:
        """Return a version by its number, the newest without one; None when there is none."""
        if not number:
            return self.versions[-1]
        return next((v for v in self.versions if v.number == number), None)


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one section: ``added``, ``removed`` or ``changed``."""

    what: str
    key: str
    title: dict[str, str]


def changes(before: Version, after: Version) -> tuple[Change, ...]:
    """Compare two versions section by section, in the order of the later one, removed ones last."""
    old, new = ({s.key: s for s in v.sections} for v in (before, after))
    out = [
        Change("added" if k not in old else "changed", k, s.title) for k, s in new.items() if s != old.get(k)
    ]
    return (*out, *(Change("removed", k, s.title) for k, s in old.items() if k not in new))
