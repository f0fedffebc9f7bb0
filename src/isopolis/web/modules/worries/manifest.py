"""The kind of module "worries"."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from isopolis.web.modules.manifests import ModuleManifest, PhaseKind

__all__ = ["MANIFEST"]

MANIFEST = ModuleManifest(
    kind="worries",
    title=_("Worries desk"),
    description=_(
        "Residents tell the city what worries them, without an account too; letters, calls and meetings are "
        "entered beside it. Everybody sees what was received, registered and resolved."
    ),
    phases=(
        PhaseKind("listen", _("Listening"), _("Worries can be told."), frozenset({"worry"})),
        PhaseKind("closed", _("Closed"), _("What was told can be read; nothing new is taken."), frozenset()),
    ),
    page="worries",
    urls="isopolis.web.modules.worries.urls",
    personal_fields=(
        "worries.Worry.text", "worries.Worry.public_text", "worries.Worry.street", "worries.Contact.text",
    ),
    export="isopolis.web.modules.worries.exports:rows",
)  # fmt: skip
