"""Addresses of the library; everything below ``library/`` is for everybody."""

from __future__ import annotations

from django.urls import path

from . import city_views, contact_views, desk_views, downloads, pages, ranked

urlpatterns = [
    path("library/", pages.library, name="library"),
    path("library/collections/", pages.collections, name="library_collections"),
    path("library/collections/<slug:slug>/", pages.collection, name="library_collection"),
    path("library/export/<str:form>", downloads.export, name="library_export"),
    path("library/bundle", downloads.own_bundle, name="library_bundle"),
    path("library/contact/<str:token>/", contact_views.contact, name="library_contact"),
    path("library/<str:key>/", pages.record, name="library_record"),
    path("moderation/library/", desk_views.queue, name="library_queue"),
    path("moderation/library/<int:pk>/", desk_views.entry, name="library_desk"),
    path("moderation/library/<int:pk>/<str:what>/", desk_views.change, name="library_change"),
    path("moderation/library/imports/", desk_views.imports, name="library_imports"),
    path("moderation/library/moderators/", desk_views.moderators, name="library_moderators"),
    path("moderation/library/collections/new/", desk_views.collect, name="library_collect"),
    path("moderation/library/collections/<slug:slug>/", desk_views.collect, name="library_collect_again"),
    path("w/<slug:slug>/library/", city_views.entries, name="city_library"),
    path("w/<slug:slug>/library/for-us/", ranked.for_city, name="library_for_city"),
    path("w/<slug:slug>/library/new/", city_views.write, name="library_new"),
    path("w/<slug:slug>/library/<int:pk>/", city_views.entry, name="city_entry"),
    path("w/<slug:slug>/library/<int:pk>/edit/", city_views.write, name="library_edit"),
    path("w/<slug:slug>/library/<int:pk>/<str:what>/", city_views.change, name="city_entry_change"),
]
