"""What kinds of modules there are: one explicit list, and what other distributions add.

A manifest says what a kind of module is called, which kinds of phases it has, which features each of them
opens, where its pages are and what of it is personal. `docs/participation-skeleton.md` tells how to add one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from isopolis.web.permissions import FEATURES

__all__ = ["BUILT_IN", "GROUP", "ManifestError", "ModuleManifest", "PhaseKind", "kinds", "manifest_of"]

BUILT_IN = (
    "isopolis.web.modules.comments.manifest",
    "isopolis.web.modules.consultation.manifest",
    "isopolis.web.modules.assembly.manifest",
    "isopolis.web.modules.surveys.manifest",
    "isopolis.web.modules.worries.manifest",
    "isopolis.web.modules.opinions.manifest",
    "isopolis.web.modules.budget.manifest",
)
"""Modules of Python that hold a ``MANIFEST``."""

GROUP = "isopolis.modules"
"""Entry points of other distributions; each names such a module."""


class ManifestError(ValueError):
    """A manifest says something that cannot be."""


@dataclass(frozen=True, slots=True)
class PhaseKind:
    """A kind of phase: its name in the database, its title, and what it opens."""

    name: str
    title: Any
    description: Any
    opens: frozenset[str]


@dataclass(frozen=True, slots=True)
class ModuleManifest:
    """A kind of module.

    Attributes
    ----------
    kind
        Its name in the database and in addresses.
    title, description
        In plain words, translatable, for the officer who chooses it.
    phases
        The kinds of phases that it can have, in their usual order.
    page
        Name of the address of its first page, with the slug of the workspace, the number of the process and
        the number of the module.
    urls
        The module of Python with its addresses, put under the address of the module.
    personal_fields
        ``app.Model.field`` of everything that tells of a person; the register of personal data is held
        against it.
    export
        ``module:function`` that is given a process module and returns rows for the officer, without names.
    """

    kind: str
    title: Any
    description: Any
    phases: tuple[PhaseKind, ...]
    page: str
    urls: str
    personal_fields: tuple[str, ...] = ()
    export: str = ""

    def phase(self, name: str) -> PhaseKind | None:
        """Return the kind of phase of this name."""
        return next((p for p in self.phases if p.name == name), None)


def kinds() -> dict[str, ModuleManifest]:
    """Return every kind of module by its name, the built-in ones first."""
    return dict(_found())


@lru_cache(maxsize=1)
def _found() -> tuple[tuple[str, ModuleManifest], ...]:
    named = [*BUILT_IN, *sorted(point.value for point in entry_points(group=GROUP))]
    out: dict[str, ModuleManifest] = {}
    for name in named:
        manifest = import_module(name).MANIFEST
        check(manifest, name)
        if manifest.kind in out:
            raise ManifestError(f'two manifests have the kind "{manifest.kind}"; the second is in {name}')
        out[manifest.kind] = manifest
    return tuple(out.items())


def check(manifest: Any, where: str) -> None:
    """Raise `ManifestError` when a manifest cannot work."""
    if not isinstance(manifest, ModuleManifest):
        raise ManifestError(f"MANIFEST of {where} is no ModuleManifest")
    if not manifest.kind.isidentifier():
        raise ManifestError(f'the kind "{manifest.kind}" of {where} must be made of letters and underscores')
    if not manifest.phases:
        raise ManifestError(f"{where} has no kind of phase; without one nothing in it ever opens")
    names = [p.name for p in manifest.phases]
    if len(set(names)) != len(names):
        raise ManifestError(f"{where} names a kind of phase twice: {', '.join(names)}")
    for phase in manifest.phases:
        unknown = sorted(phase.opens - set(FEATURES))
        if unknown:
            raise ManifestError(
                f'the phase "{phase.name}" of {where} opens {", ".join(unknown)}, which '
                f"permissions.FEATURES does not have; it has {', '.join(FEATURES)}"
            )


def manifest_of(kind: str) -> ModuleManifest | None:
    """Return the manifest of a kind, None when the distribution that brought it is gone."""
    return kinds().get(kind)
