"""Addresses of questionnaires, under a workspace."""

from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("<slug:slug>/questionnaires/", views.sheets, name="sheets"),
    path("<slug:slug>/questionnaires/new/", views.begin, name="sheet_new"),
    path("<slug:slug>/questionnaires/bring/", views.bring, name="frame_import"),
    path("<slug:slug>/questionnaires/<int:number>/", views.sheet, name="sheet"),
    path("<slug:slug>/questionnaires/<int:number>/part/<slug:section>/", views.section, name="sheet_section"),
    path("<slug:slug>/questionnaires/<int:number>/compare/", views.compare, name="sheet_compare"),
    path("<slug:slug>/questionnaires/<int:number>/export/", views.export_page, name="sheet_export"),
    path("<slug:slug>/questionnaires/<int:number>/answers.<str:kind>", views.download, name="sheet_download"),
    path("<slug:slug>/questionnaires/<int:number>/finish/", views.close, name="sheet_close"),
    path("<slug:slug>/questionnaires/<int:number>/share/", views.share, name="sheet_share"),
    path("<slug:slug>/questionnaires/<int:number>/remove/", views.remove, name="sheet_remove"),
]
