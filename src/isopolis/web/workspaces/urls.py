"""Addresses of workspaces."""

from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("", views.workspaces, name="workspaces"),
    path("new/", views.create, name="workspace_new"),
    path("<slug:slug>/", views.workspace, name="workspace"),
    path("<slug:slug>/members/", views.members, name="members"),
    path("<slug:slug>/members/<int:pk>/", views.change_member, name="change_member"),
    path("<slug:slug>/log/", views.log, name="audit_log"),
]
