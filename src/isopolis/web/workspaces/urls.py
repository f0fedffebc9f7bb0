"""Addresses of workspaces."""

from __future__ import annotations

from django.urls import path

from . import settings_views, views

urlpatterns = [
    path("", views.workspaces, name="workspaces"),
    path("new/", views.create, name="workspace_new"),
    path("<slug:slug>/", views.workspace, name="workspace"),
    path("<slug:slug>/members/", views.members, name="members"),
    path("<slug:slug>/members/<int:pk>/", views.change_member, name="change_member"),
    path("<slug:slug>/members/invitations/<int:pk>/", views.withdraw_invitation, name="withdraw_invitation"),
    path("<slug:slug>/log/", views.log, name="audit_log"),
    path("<slug:slug>/settings/", settings_views.workspace_settings, name="workspace_settings"),
    path("<slug:slug>/settings/hand-over/", settings_views.hand_over, name="workspace_hand_over"),
    path("<slug:slug>/settings/archive/", settings_views.archive, name="workspace_archive"),
    path("<slug:slug>/settings/delete/", settings_views.delete, name="workspace_delete"),
    path("<slug:slug>/leave/", settings_views.leave, name="workspace_leave"),
]
