"""Addresses of a partnership's pages."""

from __future__ import annotations

from django.urls import path

from . import edit_pages, glance, meeting_pages, pages, work_pages

ONE = "<slug:slug>/"
EDIT = f"{ONE}edit/"

urlpatterns = [
    path("", pages.everything, name="hub_all"),
    path("calendar/<str:token>.ics", meeting_pages.private_calendar, name="hub_private_calendar"),
    path(ONE, pages.about, name="hub"),
    path(f"{ONE}members/", pages.members, name="hub_members"),
    path(f"{ONE}members.json", pages.members_json, name="hub_members_json"),
    path(f"{ONE}news/", pages.news, name="hub_news"),
    path(f"{ONE}news/<slug:key>/", pages.news_item, name="hub_news_item"),
    path(f"{ONE}timeline/", pages.timeline, name="hub_timeline"),
    path(f"{ONE}calls/", pages.calls, name="hub_calls"),
    path(f"{ONE}strategies/", pages.strategies, name="hub_strategies"),
    path(f"{ONE}at-a-glance/", glance.at_a_glance, name="hub_glance"),
    path(f"{ONE}at-a-glance/<slug:key>.svg", glance.drawing, name="hub_glance_svg"),
    path(f"{ONE}at-a-glance/<slug:key>.pdf", glance.paper, name="hub_glance_pdf"),
    path(f"{ONE}commitments/", pages.commitments, name="hub_commitments"),
    path(f"{ONE}meetings/", meeting_pages.meetings, name="hub_meetings"),
    path(f"{ONE}meetings.ics", meeting_pages.calendar, name="hub_calendar"),
    path(f"{ONE}meetings/feed/", work_pages.feed, name="hub_feed"),
    path(f"{ONE}meetings/<slug:key>/", meeting_pages.meeting, name="hub_meeting"),
    path(f"{ONE}decisions/", meeting_pages.decision_register, name="hub_decisions"),
    path(f"{ONE}documents/", work_pages.documents, name="hub_documents"),
    path(f"{ONE}documents/upload/", edit_pages.upload, name="hub_upload"),
    path(f"{ONE}documents/<slug:key>/file/", work_pages.document, name="hub_document"),
    path(f"{ONE}paper/", work_pages.paper, name="hub_paper"),
    path(f"{ONE}paper/<slug:key>/", work_pages.paper, name="hub_paper_one"),
    path(f"{ONE}paper/<slug:key>/comment/", work_pages.comment, name="hub_comment"),
    path(f"{ONE}comments/<int:pk>/answer/", work_pages.answer, name="hub_answer"),
    path(f"{ONE}comments/<int:pk>/delete/", work_pages.delete, name="hub_delete"),
    path(f"{ONE}surveys/", work_pages.surveys, name="hub_surveys"),
    path(f"{ONE}surveys/<slug:key>/", work_pages.survey, name="hub_survey"),
    path(EDIT, edit_pages.listed, name="hub_edit"),
    path(f"{ONE}settings/", edit_pages.settings, name="hub_settings"),
    path(f"{ONE}people/<int:pk>/end/", edit_pages.change_end, name="hub_change_end"),
    path(f"{EDIT}<slug:kind>/", edit_pages.listed, name="hub_edit_kind"),
    path(f"{EDIT}<slug:kind>/new/", edit_pages.edit, name="hub_new"),
    path(f"{EDIT}<slug:kind>/<slug:key>/", edit_pages.edit, name="hub_edit_one"),
    path(f"{EDIT}<slug:kind>/<slug:key>/remove/", edit_pages.remove, name="hub_remove"),
]
