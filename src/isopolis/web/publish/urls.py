"""Addresses of publications, under a workspace."""

from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("<slug:slug>/diagnoses/<uuid:pk>/publish/", views.new, name="publication_new"),
    path("<slug:slug>/publications/", views.publications, name="publications"),
    path("<slug:slug>/publications/<uuid:pk>/", views.publication, name="publication"),
    path("<slug:slug>/publications/<uuid:pk>/publish/", views.publish, name="publication_publish"),
    path("<slug:slug>/publications/<uuid:pk>/withdraw/", views.withdraw, name="publication_withdraw"),
    path("<slug:slug>/publications/<uuid:pk>/discard/", views.discard, name="publication_discard"),
    path("<slug:slug>/publications/<uuid:pk>/preview/", views.preview_overview, name="preview_overview"),
    path(
        "<slug:slug>/publications/<uuid:pk>/preview/findings/<int:number>/",
        views.preview_finding,
        name="preview_finding",
    ),
    path(
        "<slug:slug>/publications/<uuid:pk>/preview/list/<int:number>/",
        views.preview_list,
        name="preview_list",
    ),
    path(
        "<slug:slug>/publications/<uuid:pk>/preview/tables/<int:number>/",
        views.preview_table,
        name="preview_table",
    ),
]
