"""Addresses of a budget, under the address of its module."""

from __future__ import annotations

from django.urls import path

from . import checks, ideas, mails_views, moderation, voting_urls

urlpatterns = [
    path("", ideas.ideas, name="budget"),
    path("ideas/new/", ideas.propose, name="budget_propose"),
    path("ideas/enter/", ideas.enter, name="budget_enter"),
    path("ideas/<int:idea>/", ideas.idea, name="budget_idea"),
    path("ideas/<int:idea>/edit/", ideas.edit, name="budget_edit"),
    path("ideas/<int:idea>/withdraw/", ideas.withdraw, name="budget_withdraw"),
    path("ideas/<int:idea>/report/", moderation.report, name="budget_report"),
    path("ideas/<int:idea>/appeal/", moderation.appeal, name="budget_appeal"),
    path("ideas/<int:idea>/moderate/", moderation.moderate, name="budget_moderate"),
    path("mails/", mails_views.mails, name="budget_mails"),
    path("mails/stop/<str:key>/", mails_views.stop, name="budget_mails_stop"),
    path("moderation/", moderation.queue, name="budget_queue"),
    path("moderation/log/", moderation.log, name="budget_log"),
    path("manage/", checks.desk, name="budget_desk"),
    path("manage/rules/", checks.rules, name="budget_settings"),
    path("manage/ideas/<int:idea>/", checks.check, name="budget_check"),
    *voting_urls.urlpatterns,
]
