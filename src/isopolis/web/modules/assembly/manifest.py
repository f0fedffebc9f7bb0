"""The kind of module "assembly"."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from isopolis.web.modules.manifests import ModuleManifest, PhaseKind

__all__ = ["MANIFEST"]

MANIFEST = ModuleManifest(
    kind="assembly",
    title=_("Assembly drawn by lot"),
    description=_(
        "Volunteers are drawn so that the panel looks like the city and everybody has as equal a chance as "
        "possible. The draw is public and anybody can check it."
    ),
    phases=(
        PhaseKind("call", _("Call"), _("Invited residents say whether they would come."), frozenset()),
        PhaseKind("meet", _("Meetings"), _("The assembly meets."), frozenset()),
    ),
    page="assembly",
    urls="isopolis.web.modules.assembly.urls",
    personal_fields=("assembly.Volunteer.code", "assembly.Volunteer.traits", "assembly.Volunteer.seat"),
)
