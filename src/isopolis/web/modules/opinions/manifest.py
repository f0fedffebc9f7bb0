"""The kind of module "opinions"."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from isopolis.web.modules.manifests import ModuleManifest, PhaseKind

__all__ = ["MANIFEST"]

MANIFEST = ModuleManifest(
    kind="opinions",
    title=_("Conversation"),
    description=_(
        "People write short statements and agree, disagree or pass on those of others. At the end stands "
        "what unites them across all groups, and what divides them. It is not a binding vote."
    ),
    phases=(
        PhaseKind(
            "talk",
            _("Statements and votes"),
            _("Statements can be written and voted on."),
            frozenset({"propose", "vote"}),
        ),
        PhaseKind("vote", _("Votes"), _("No new statements; votes only."), frozenset({"vote"})),
        PhaseKind("result", _("Result"), _("The map of opinions is discussed."), frozenset()),
    ),
    page="opinions",
    urls="isopolis.web.modules.opinions.urls",
    personal_fields=(
        "opinions.Voter.user",
        "opinions.Statement.text",
        "opinions.Vote.value",
        "opinions.About.traits",
        "opinions.Archive.content",
    ),
)
