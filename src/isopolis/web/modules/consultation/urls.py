"""Addresses of a consultation, under the address of its module."""

from __future__ import annotations

from django.urls import path

from . import officer_views, views

urlpatterns = [
    path("", views.consultation, name="consultation"),
    path("answers/<str:action>/", views.answer, name="consultation_answer"),
    path("mine/<uuid:point>/", views.withdraw, name="consultation_withdraw"),
    path("responses.csv", views.responses, name="consultation_responses"),
    path("manage/", officer_views.manage, name="consultation_manage"),
    path("manage/points/", officer_views.points, name="consultation_points"),
    path("manage/points/<uuid:point>/", officer_views.aside, name="consultation_aside"),
    path("manage/sort/", officer_views.sort, name="consultation_sort"),
    path("manage/topics/new/", officer_views.topic, name="consultation_topic_new"),
    path("manage/topics/<int:pk>/", officer_views.topic, name="consultation_topic"),
    path("manage/questions/<int:pk>/", officer_views.question, name="consultation_question"),
    path("manage/offline/", officer_views.offline, name="consultation_offline"),
    path("manage/publish/", officer_views.publish, name="consultation_publish"),
    path("manage/answers.csv", officer_views.export, name="consultation_export"),
]
