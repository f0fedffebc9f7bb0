"""The kind of module "survey"."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from isopolis.web.modules.manifests import ModuleManifest, PhaseKind

__all__ = ["MANIFEST"]

MANIFEST = ModuleManifest(
    kind="survey",
    title=_("Survey"),
    description=_(
        "Residents answer a form page by page, on the web, on paper or with somebody's help. The results "
        "stand as answered and weighted to the census."
    ),
    phases=(
        PhaseKind("answer", _("Answers"), _("The form can be answered."), frozenset({"answer"})),
        PhaseKind("evaluate", _("Results"), _("The city looks at the answers."), frozenset()),
    ),
    page="survey",
    urls="isopolis.web.modules.surveys.urls",
    personal_fields=("surveys.Answer.given", "surveys.Apart.value", "surveys.RollEntry.id"),
    export="isopolis.web.modules.surveys.exports:rows",
)
