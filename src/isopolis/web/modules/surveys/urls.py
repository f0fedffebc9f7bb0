"""Addresses of a survey, under the address of its module."""

from __future__ import annotations

from django.urls import path

from . import count_views, desk_views, entry_views, views

urlpatterns = [
    path("", views.survey, name="survey"),
    path("kiosk/", views.survey, {"channel": "kiosk"}, name="survey_kiosk"),
    path("start/", views.start, name="survey_start"),
    path("page/<int:step>/", views.page, name="survey_page"),
    path("send/", views.send, name="survey_send"),
    path("stop/", views.stop, name="survey_stop"),
    path("results/", count_views.results, name="survey_results"),
    path("desk/", desk_views.desk, name="survey_desk"),
    path("desk/form/", desk_views.upload, name="survey_upload"),
    path("desk/preview/", desk_views.preview, name="survey_preview"),
    path("desk/special/", desk_views.special, name="survey_special"),
    path("desk/open/", desk_views.open_form, name="survey_open"),
    path("desk/access/", desk_views.access, name="survey_access"),
    path("desk/roll/", desk_views.roll, name="survey_roll"),
    path("desk/letters/", desk_views.letters, name="survey_letters"),
    path("desk/assist/", desk_views.assist, name="survey_assist"),
    path("desk/lost/", desk_views.give_up, name="survey_lost"),
    path("desk/paper/", entry_views.paper, name="survey_paper"),
    path("desk/paper/sheet/", entry_views.sheet, name="survey_sheet"),
    path("desk/paper/<uuid:sheet>/", entry_views.settle, name="survey_settle"),
    path("desk/template.<str:ending>", entry_views.template, name="survey_template"),
    path("desk/many/", entry_views.many, name="survey_many"),
    path("desk/results/", count_views.desk, name="survey_count"),
    path("desk/results/weights/", count_views.weights, name="survey_weights"),
    path("desk/results/publish/", count_views.publish, name="survey_publish"),
    path("desk/answers/", count_views.answers, name="survey_answers"),
]
