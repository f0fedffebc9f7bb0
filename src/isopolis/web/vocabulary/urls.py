"""Addresses of the vocabulary."""

from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("vocabulary/", views.vocabulary, name="vocabulary"),
    path("vocabulary.<str:form>", views.download, name="vocabulary_file"),
    path("vocabulary/<slug:scheme>/", views.scheme, name="vocabulary_scheme"),
    path("vocabulary/<slug:scheme>/<slug:name>/", views.concept, name="vocabulary_concept"),
    path("w/<slug:slug>/words/", views.local_terms, name="local_terms"),
    path("w/<slug:slug>/words/<int:pk>/", views.judge, name="judge_local_term"),
]
