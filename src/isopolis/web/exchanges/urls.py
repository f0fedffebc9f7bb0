"""Addresses of exchanges, under a workspace."""

from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("<slug:slug>/exchanges/", views.exchanges, name="exchanges"),
    path("<slug:slug>/exchanges/new/", views.new, name="exchange_new"),
    path("<slug:slug>/exchanges/<int:number>/", views.exchange, name="exchange"),
    path("<slug:slug>/exchanges/<int:number>/edit/", views.edit, name="exchange_edit"),
    path("<slug:slug>/exchanges/<int:number>/facts/", views.facts, name="exchange_facts"),
    path("<slug:slug>/exchanges/<int:number>/steps/", views.steps, name="exchange_steps"),
    path("<slug:slug>/exchanges/<int:number>/peers/", views.add_peer, name="exchange_peer"),
    path(
        "<slug:slug>/exchanges/<int:number>/peers/<int:pk>/remove/",
        views.remove_peer,
        name="exchange_peer_remove",
    ),
    path("<slug:slug>/exchanges/<int:number>/visits/", views.add_visit, name="exchange_visit"),
    path(
        "<slug:slug>/exchanges/<int:number>/visits/<int:pk>/remove/",
        views.remove_visit,
        name="exchange_visit_remove",
    ),
    path("<slug:slug>/exchanges/<int:number>/lessons/", views.add_lesson, name="exchange_lesson"),
    path("<slug:slug>/exchanges/<int:number>/lessons/<int:pk>/", views.follow, name="exchange_follow"),
    path("<slug:slug>/exchanges/<int:number>/form/", views.begin_form, name="exchange_form"),
    path("<slug:slug>/exchanges/<int:number>/end/", views.close, name="exchange_close"),
]
