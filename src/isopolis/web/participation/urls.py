"""Addresses of boards."""

from __future__ import annotations

from django.urls import path

from . import views

_OFFICER = "w/<slug:slug>/processes/<int:number>/who-took-part/<int:module>/"
_PUBLIC = "take-part/<slug:slug>/<int:number>/who-took-part/<int:module>/"
urlpatterns = [
    path(_OFFICER, views.board, name="board"),
    path(_OFFICER + "people/", views.enter, name="board_people"),
    path(_OFFICER + "publish/", views.publish, name="board_publish"),
    path(_OFFICER + "letters/", views.letters, name="board_letters"),
    path(_OFFICER + "<slug:key>/", views.table, name="board_table"),
    path(_PUBLIC, views.who_took_part, name="who_took_part"),
    path(_PUBLIC + "<slug:key>/", views.who_took_part_table, name="who_took_part_table"),
]
