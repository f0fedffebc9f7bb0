"""The app "budget" for Django."""

from __future__ import annotations

from django.apps import AppConfig


class BudgetConfig(AppConfig):
    """Budgets that residents decide."""

    name = "isopolis.web.modules.budget"
    label = "budget"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell votes what stands beside the projects, and make the result page after a count."""
        from isopolis.web.ballots.about import ABOUT, COUNTED

        from .results_tasks import after_count
        from .voting_ballot import about

        ABOUT["budget"] = about
        COUNTED["budget"] = after_count
