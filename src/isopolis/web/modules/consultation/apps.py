"""The app "consultation" for Django."""

from __future__ import annotations

from django.apps import AppConfig


class ConsultationConfig(AppConfig):
    """Consultations on plans."""

    name = "isopolis.web.modules.consultation"
    label = "consultation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell plans what a consultation knows of them."""
        from isopolis.web.plans.standing import LISTENERS

        from .listening import told_of

        if told_of not in LISTENERS:
            LISTENERS.append(told_of)
