"""Addresses of a discussion, under the address of its module."""

from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("", views.discussion, name="discussion"),
    path("<int:pk>/", views.thread, name="thread"),
    path("<int:pk>/edit/", views.edit, name="comment_edit"),
    path("<int:pk>/delete/", views.delete, name="comment_delete"),
    path("<int:pk>/report/", views.report, name="comment_report"),
    path("<int:pk>/moderate/", views.moderate, name="comment_moderate"),
    path("reports/", views.reports, name="comment_reports"),
]
