"""Addresses of uploads, under a workspace."""

from __future__ import annotations

from django.urls import path

from . import column_views, views

urlpatterns = [
    path("<slug:slug>/data/upload/", views.upload, name="upload"),
    path("<slug:slug>/data/<uuid:pk>/", views.dataset, name="dataset"),
    path("<slug:slug>/data/<uuid:pk>/city/", column_views.city, name="dataset_city"),
    path("<slug:slug>/data/<uuid:pk>/table/<int:number>/", column_views.table, name="dataset_table"),
    path("<slug:slug>/data/<uuid:pk>/remove/", views.remove, name="dataset_remove"),
]
