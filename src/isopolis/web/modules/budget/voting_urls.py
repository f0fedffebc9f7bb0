"""Addresses of the vote, its result and the delivery, under the address of the module."""

from __future__ import annotations

from django.urls import path

from . import delivery_views, results_views, voting_views

urlpatterns = [
    path("vote/", voting_views.vote, name="budget_vote"),
    path("vote/prepare/", voting_views.prepare, name="budget_prepare"),
    path("vote/open/", voting_views.open_vote, name="budget_open_vote"),
    path("result/", results_views.result, name="budget_result"),
    path("result/not-funded/", results_views.lost, name="budget_lost"),
    path("result/rules/", results_views.rules, name="budget_rules"),
    path("result/count-again/", results_views.check, name="budget_recount"),
    path("result/make-again/", results_views.again, name="budget_result_again"),
    path("result/projects/<int:project>/", results_views.project, name="budget_outcome"),
    path("delivery/", delivery_views.delivery, name="budget_delivery"),
    path("delivery/feed.atom", delivery_views.feed, name="budget_delivery_feed"),
    path("delivery/<int:project>/", delivery_views.built, name="budget_built"),
    path("delivery/<int:project>/steps/new/", delivery_views.step, name="budget_step_new"),
    path("delivery/<int:project>/steps/<int:step>/", delivery_views.step, name="budget_step"),
]
