"""Addresses of diagnoses, under a workspace."""

from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("<slug:slug>/data/<uuid:pk>/diagnose/", views.start, name="diagnosis_start"),
    path("<slug:slug>/jobs/<uuid:pk>/cancel/", views.cancel, name="job_cancel"),
    path("<slug:slug>/jobs/<uuid:pk>/state/", views.job_state, name="job_state"),
    path("<slug:slug>/diagnoses/<uuid:pk>/", views.diagnosis, name="diagnosis"),
    path("<slug:slug>/diagnoses/<uuid:pk>/dimension/<int:dimension>/", views.findings, name="findings"),
    path("<slug:slug>/diagnoses/<uuid:pk>/findings/<int:number>/", views.finding, name="finding"),
    path("<slug:slug>/diagnoses/<uuid:pk>/files/<str:name>", views.download, name="download"),
]
