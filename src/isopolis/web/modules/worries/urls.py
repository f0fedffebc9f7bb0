"""Addresses of a worries desk, under the address of its module."""

from __future__ import annotations

from django.urls import path

from . import georeport, officer_views, views

urlpatterns = [
    path("", views.worries, name="worries"),
    path("tell/", views.tell, name="worries_tell"),
    path("texts/", views.texts, name="worries_texts"),
    path("log/", views.log, name="worries_log"),
    path("numbers/<str:key>/", views.numbers, name="worries_numbers"),
    path("manage/", officer_views.manage, name="worries_manage"),
    path("manage/enter/", officer_views.enter, name="worries_enter"),
    path("manage/send/upload/", officer_views.send, name="worries_send"),
    path("manage/same/", officer_views.same, name="worries_same"),
    path("manage/same/<int:pk>/", officer_views.answer_pair, name="worries_pair"),
    path("manage/numbers/", officer_views.counted, name="worries_counted"),
    path("manage/settings/", officer_views.set_up, name="worries_set_up"),
    path("manage/worries.csv", officer_views.export, name="worries_export"),
    path("manage/<uuid:pk>/", officer_views.worry, name="worries_one"),
    path("manage/<uuid:pk>/<str:what>/", officer_views.change, name="worries_change"),
    path("georeport/v2/discovery.<str:form>", georeport.discovery, name="georeport_discovery"),
    path("georeport/v2/services.<str:form>", georeport.services, name="georeport_services"),
    path("georeport/v2/services/<str:code>.<str:form>", georeport.service, name="georeport_service"),
    path("georeport/v2/requests.<str:form>", georeport.requests, name="georeport_requests"),
    path("georeport/v2/requests/<str:request_id>.<str:form>", georeport.one, name="georeport_request"),
    path("georeport/v2/tokens/<str:token>.<str:form>", georeport.token, name="georeport_token"),
]
