"""Addresses of peer cities, under a workspace."""

from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("<slug:slug>/peers/", views.peers, name="peers"),
    path("<slug:slug>/peers/keep/", views.keep, name="peers_keep"),
    path("<slug:slug>/peers/upload/", views.upload, name="peers_upload"),
    path("<slug:slug>/peers/template/<str:name>", views.template_file, name="peers_template"),
    path("<slug:slug>/peers/tables/<uuid:pk>/", views.table, name="peer_table"),
    path("<slug:slug>/peers/tables/<uuid:pk>/delete/", views.remove, name="peer_table_remove"),
    path("<slug:slug>/peers/outcomes/", views.outcomes, name="peer_outcomes"),
    path("<slug:slug>/peers/outcomes/<int:number>/", views.outcome, name="peer_outcome"),
]
