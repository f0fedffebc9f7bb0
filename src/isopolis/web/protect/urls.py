"""Addresses of the pages on data protection and accessibility."""

from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("privacy/", views.privacy, name="privacy"),
    path("privacy/records/", views.records_of_processing, name="records_of_processing"),
    path("privacy/impact-assessment.md", views.impact_assessment, name="impact_assessment"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("account/data/", views.own_data, name="own_data"),
    path("account/erase/", views.erase_account, name="erase_account"),
]
