"""Addresses that everybody may read."""

from __future__ import annotations

from django.urls import path

from . import public

ONE = "<slug:place>/<int:release>/"

urlpatterns = [
    path("", public.everything, name="public_all"),
    path("<slug:place>/", public.of_city, name="public_city"),
    path(ONE, public.overview, name="public_overview"),
    path(f"{ONE}findings/<int:number>/", public.finding, name="public_finding"),
    path(f"{ONE}list/<int:dimension>/", public.listed, name="public_list"),
    path(f"{ONE}tables/<int:number>/", public.table, name="public_table"),
    path(f"{ONE}embed/", public.embed, name="public_embed"),
    path(f"{ONE}files/<str:name>", public.download, name="public_file"),
]
