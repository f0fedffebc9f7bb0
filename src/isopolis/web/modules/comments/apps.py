"""The app "comments" for Django."""

from __future__ import annotations

from django.apps import AppConfig


class CommentsConfig(AppConfig):
    """Comments of those who take part."""

    name = "isopolis.web.modules.comments"
    label = "comments"
    default_auto_field = "django.db.models.BigAutoField"
