"""The app "diagnoses" for Django."""

from __future__ import annotations

from django.apps import AppConfig


class DiagnosesConfig(AppConfig):
    """Diagnoses: findings as pages and files. It has no tables; results are files of a job."""

    name = "isopolis.web.diagnoses"
    label = "diagnoses"
