"""Addresses of a conversation, under the address of its module."""

from __future__ import annotations

from django.urls import path

from . import desk_views, views

urlpatterns = [
    path("", views.opinions, name="opinions"),
    path("vote/", views.vote, name="opinions_vote"),
    path("write/", views.propose, name="opinions_propose"),
    path("mine/", views.mine, name="opinions_mine"),
    path("mine/statements/<int:statement>/", views.take_back, name="opinions_take_back"),
    path("mine/withdraw/", views.withdraw, name="opinions_withdraw"),
    path("mine/forget/", views.forget, name="opinions_forget"),
    path("about-me/", views.about, name="opinions_about"),
    path("log/", views.log, name="opinions_log"),
    path("result/", views.result, name="opinions_result"),
    path("manage/", desk_views.manage, name="opinions_manage"),
    path("manage/queue/", desk_views.queue, name="opinions_queue"),
    path("manage/queue/<int:statement>/", desk_views.decide, name="opinions_decide"),
    path("manage/seeds/", desk_views.seeds, name="opinions_seeds"),
    path("manage/settings/", desk_views.settings, name="opinions_settings"),
    path("manage/compute/", desk_views.compute, name="opinions_compute"),
    path("manage/close/", desk_views.close, name="opinions_close"),
    path("manage/upload/", desk_views.bring, name="opinions_bring"),
    path("manage/export.zip", desk_views.export, name="opinions_export"),
]
