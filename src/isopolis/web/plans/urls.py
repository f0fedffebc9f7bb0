"""Addresses of plans: in a city, in a partnership, and for everybody."""

from __future__ import annotations

from django.urls import path

from . import action_views, public, views
from .doors import pages

urlpatterns = [
    *pages(
        [
            ("", views.plans, "plans"),
            ("draft/", views.draft, "plan_draft"),
            ("<int:number>/", views.plan, "plan"),
            ("<int:number>/edit/", views.edit, "plan_edit"),
            ("<int:number>/glance/", views.glance, "plan_glance"),
            ("<int:number>/log/", views.log, "plan_log"),
            ("<int:number>/monitoring/", views.monitoring, "plan_monitoring"),
            ("<int:number>/files/<str:name>", views.download, "plan_file"),
            ("<int:number>/public/", views.publish, "plan_publish"),
            ("<int:number>/actions/new/", action_views.add, "plan_action_new"),
            ("<int:number>/actions/<str:name>/", action_views.action, "plan_action"),
            ("<int:number>/actions/<str:name>/edit/", action_views.edit, "plan_action_edit"),
            ("<int:number>/actions/<str:name>/move/", action_views.move, "plan_action_move"),
            ("<int:number>/actions/<str:name>/remove/", action_views.remove, "plan_action_remove"),
        ]
    ),
    path("plans/", public.every, name="public_plans"),
    path("plans/<slug:slug>/<int:number>/", public.plan, name="public_plan"),
    path("plans/<slug:slug>/<int:number>/files/<str:name>", public.download, name="public_plan_file"),
    path("plans/of/<slug:slug>/<int:number>/", public.partnership_plan, name="partnership_public_plan"),
    path(
        "plans/of/<slug:slug>/<int:number>/files/<str:name>",
        public.partnership_download,
        name="partnership_public_plan_file",
    ),
]
