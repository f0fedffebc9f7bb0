"""The kind of module "discussion"."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from isopolis.web.modules.manifests import ModuleManifest, PhaseKind

__all__ = ["MANIFEST"]

MANIFEST = ModuleManifest(
    kind="discussion",
    title=_("Discussion"),
    description=_("Everybody who takes part can write comments and answer those of others."),
    phases=(
        PhaseKind(
            "collect", _("Comments"), _("Comments can be written and changed."), frozenset({"comment"})
        ),
        PhaseKind("read", _("Reading"), _("Comments can be read; no new ones are taken."), frozenset()),
    ),
    page="discussion",
    urls="isopolis.web.modules.comments.urls",
    personal_fields=(
        "comments.Comment.author",
        "comments.Comment.text",
        "comments.CommentVersion.text",
        "comments.Report.by",
        "comments.Report.reason",
        "modules.Participant.user",
        "modules.Participant.shown_as",
    ),
    export="isopolis.web.modules.comments.exports:rows",
)
