"""Addresses for looking around in a diagnosis, under a workspace."""

from __future__ import annotations

from django.urls import path

from . import compare_views, files, map_views, zone_views

_RUN = "<slug:slug>/diagnoses/<uuid:pk>"

urlpatterns = [
    path(f"{_RUN}/compare/", compare_views.compare_here, name="compare"),
    path(f"{_RUN}/zones/", zone_views.zones, name="zones"),
    path(f"{_RUN}/zones/search/", zone_views.zone_search, name="zone_search"),
    path(f"{_RUN}/zones/<int:number>/", zone_views.zone, name="zone"),
    path(f"{_RUN}/map/", map_views.explore_map, name="explore_map"),
    path(f"{_RUN}/map/outlines.geojson", map_views.map_outlines, name="map_outlines"),
    path(f"{_RUN}/map/values.json", map_views.map_values, name="map_values"),
    path(f"{_RUN}/findings/<int:number>/files/<str:name>", files.finding_file, name="finding_file"),
    path("<slug:slug>/tiles/<uuid:pk>/<int:z>/<int:x>/<int:y>.<str:ext>", map_views.map_tile, name="tile"),
]
