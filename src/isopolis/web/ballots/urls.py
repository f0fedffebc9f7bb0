"""Addresses of votes, under the number of their process."""

from __future__ import annotations

from django.urls import include, path

from . import desk_views, views

_OF_VOTE = [
    path("", views.vote, name="ballot_vote"),
    path("kiosk/", views.vote, {"channel": "kiosk"}, name="ballot_kiosk"),
    path("receipt/", views.receipt, name="ballot_receipt"),
    path("log/", views.public_log, name="ballot_log"),
    path("log.json", views.log_file, name="ballot_log_file"),
    path("bundle.zip", views.bundle, name="ballot_bundle"),
    path("desk/", desk_views.desk, name="ballot_desk"),
    path("desk/roll/", desk_views.roll, name="ballot_roll"),
    path("desk/letters/", desk_views.letters, name="ballot_letters"),
    path("desk/package/", desk_views.package, name="ballot_package"),
    path("desk/mark/", desk_views.mark, name="ballot_mark"),
    path("desk/enter/", desk_views.enter, name="ballot_enter"),
    path("desk/assist/", desk_views.assist, name="ballot_assist"),
    path("desk/revoke/", desk_views.revoke, name="ballot_revoke"),
    path("desk/free/", desk_views.free, name="ballot_free"),
    path("desk/give-up/", desk_views.give_up, name="ballot_give_up"),
    path("desk/lot/", desk_views.lot, name="ballot_lot"),
    path("desk/end/", desk_views.end, name="ballot_end"),
]
urlpatterns = [path("take-part/<slug:slug>/<int:number>/ballots/<int:module>/", include(_OF_VOTE))]
