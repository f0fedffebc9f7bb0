"""Addresses of an assembly, under the address of its module."""

from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("", views.assembly, name="assembly"),
    path("panels.txt", views.panels, name="assembly_panels"),
    path("manage/", views.manage, name="assembly_manage"),
    path("manage/prepare/", views.prepare, name="assembly_prepare"),
    path("manage/seed/", views.seed, name="assembly_seed"),
    path("manage/number/", views.number, name="assembly_number"),
    path("manage/replace/", views.replace, name="assembly_replace"),
]
