"""The address at which the public is asked about a plan."""

from __future__ import annotations

from django.urls import path

from . import officer_views

urlpatterns = [
    path("w/<slug:slug>/plans/<int:number>/consult/", officer_views.open_one, name="consultation_open")
]
