"""The words of a city's own, and what a person has said that they mean."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from isopolis.learn.vocabulary import LocalTerm as Term

__all__ = ["LocalTerm"]


class LocalTerm(models.Model):
    """One word of a workspace."""

    class State(models.TextChoices):
        """What is known of its meaning."""

        UNMAPPED = "unmapped", _("nothing alike was found")
        PROPOSED = "proposed", _("proposed, not yet looked at")
        CONFIRMED = "confirmed", _("confirmed")
        DECLINED = "declined", _("a word of its own")

    workspace = models.ForeignKey("workspaces.Workspace", on_delete=models.CASCADE)
    label = models.CharField(_("word"), max_length=120)
    lang = models.CharField(_("language"), max_length=8)
    kind = models.CharField(_("kind"), max_length=20)
    state = models.CharField(max_length=10, choices=State.choices, default=State.UNMAPPED)
    concept = models.CharField(max_length=120, blank=True)
    score = models.FloatField(default=0.0)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    judged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One word is there once."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("workspace", "kind", "lang", "label"), name="local_term_once_per_workspace"
            )
        ]

    def term(self) -> Term:
        """Return it as the vocabulary knows it; the name of who confirmed stays here."""
        judged = self.state in (self.State.CONFIRMED, self.State.DECLINED)
        by = f"account:{self.judged_by_id}" if self.judged_by_id else "an account that was erased"
        return Term(
            f"local:{self.pk}",
            self.label,
            self.lang,
            self.kind,
            self.state,
            self.concept,
            self.score,
            by if judged else "",
        )
