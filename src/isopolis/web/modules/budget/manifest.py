"""The kind of module "budget"."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from isopolis.web.modules.manifests import ModuleManifest, PhaseKind

__all__ = ["MANIFEST"]

MANIFEST = ModuleManifest(
    kind="budget",
    title=_("Budget that residents decide"),
    description=_(
        "Residents propose ideas, the city checks them in public and helps to repair them, everybody votes "
        "online or on paper, and a fair rule shares out the money. Then the page follows each project until "
        "it is built."
    ),
    phases=(
        PhaseKind(
            "ideas", _("Ideas"), _("Ideas can be handed in, online, on paper and with help."),
            frozenset({"propose"}),
        ),
        PhaseKind(
            "checks", _("Checks"),
            _("The city checks what is lawful, what can be done and what it costs; ideas are repaired."),
            frozenset({"repair"}),
        ),
        PhaseKind("fair", _("Fair"), _("People get to know the projects before the vote."), frozenset()),
        PhaseKind(
            "vote", _("Vote"), _("Ballots are taken, online and on paper together."), frozenset({"vote"})
        ),
        PhaseKind("result", _("Result"), _("Ballots are counted and the result is published."), frozenset()),
        PhaseKind(
            "delivery", _("Delivery"), _("The city builds what won and says how far it is."), frozenset()
        ),
    ),
    page="budget",
    urls="isopolis.web.modules.budget.urls",
    personal_fields=(
        "budget.Idea.author",
        "budget.Idea.title",
        "budget.Idea.text",
        "budget.IdeaVersion.text",
        "budget.Notice.by",
        "budget.Notice.text",
        "budget.Check.by",
        "budget.MailChoice.user",
        "budget.MailTold.user",
    ),
)  # fmt: skip
