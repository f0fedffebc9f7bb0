"""The kind of module "consultation"."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from isopolis.web.modules.manifests import ModuleManifest, PhaseKind

__all__ = ["MANIFEST"]

MANIFEST = ModuleManifest(
    kind="consultation",
    title=_("Consultation on a plan"),
    description=_(
        "Everybody can say what they think of the actions of a plan, without an account too. Single answers "
        "are not published; the city answers every point."
    ),
    phases=(
        PhaseKind("answer", _("Answers"), _("Everybody can answer."), frozenset({"answer"})),
        PhaseKind(
            "evaluate", _("The city answers"), _("The city reads, and answers every point."), frozenset()
        ),
    ),
    page="consultation",
    urls="isopolis.web.modules.consultation.urls",
    personal_fields=("consultation.Point.author", "consultation.Point.text"),
    export="isopolis.web.modules.consultation.exports:rows",
)
