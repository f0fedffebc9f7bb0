"""Addresses of uploads, under a workspace."""

from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("<slug:slug>/data/upload/", views.upload, name="upload"),
    path("<slug:slug>/data/<uuid:pk>/", views.dataset, name="dataset"),
    path("<slug:slug>/data/<uuid:pk>/remove/", views.remove, name="dataset_remove"),
]
