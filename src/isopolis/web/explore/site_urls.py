"""Addresses that belong to no workspace: terms, comparing cities, the map's script."""

from __future__ import annotations

from django.urls import path

from . import assets, cities_views, glossary

urlpatterns = [
    path("glossary/", glossary.glossary, name="glossary"),
    path("compare/", cities_views.compare_cities, name="compare_cities"),
    path("assets/map/<str:release>/<str:name>", assets.asset, name="map_asset"),
]
