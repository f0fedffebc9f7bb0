"""The officers' desk: roll, codes, paper, help, closing and counting."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from isopolis.report.files import neutral
from isopolis.web import ballots

from . import refusals
from .access import in_vote
from .forms import FreeForm, LettersForm, LotForm, PackageForm, PersonForm, RollForm
from .grouping import REASONS
from .models import Boxed, Code, Papers, Step, Vote, Waiting
from .recovery import is_lost
from .roll import turnout_of
from .sheet import choice_of, lines_of
from .views import address, base_context, done

__all__ = ["desk"]


def _context(vote: Vote) -> dict[str, Any]:
    names = (
        "roll",
        "letters",
        "package",
        "mark",
        "enter",
        "assist",
        "revoke",
        "end",
        "free",
        "give_up",
        "lot",
    )
    more = {n: address(vote, f"ballot_{n}") for n in names}
    made = base_context(vote)
    return made | {"urls": made["urls"] | more}


@in_vote("ballot.manage")
@require_GET
def desk(request: HttpRequest, vote: Vote) -> HttpResponse:
    """Show how the vote stands, and what can be done."""
    kind = _kind(vote)
    asked = Step.objects.filter(vote=vote, kind=kind).first()
    refused = [(_(REASONS[r]), n) for r, n in refusals.refused_so_far(vote).items() if r in REASONS]
    context = _context(vote) | {
        "turnout": turnout_of(vote.module),
        "codes": Code.objects.filter(entry__vote=vote).count(),
        "waiting": Waiting.objects.filter(vote=vote).count(),
        "boxed": Boxed.objects.filter(vote=vote).count(),
        "papers": Papers.objects.get(vote=vote),
        "refused": refused,
        "asked": asked,
        "mine": asked is not None and asked.is_by(request.user),
        "kind": kind,
        "lost": is_lost(vote),
        "given_up_asked": Step.objects.filter(vote=vote, kind="give_up").first(),
        "lotless": not (vote.card["lot_seed"] or vote.card["lot_order"]),
    }
    return render(request, "ballots/desk.html", context)


def _kind(vote: Vote) -> str:
    return "close" if vote.state == Vote.State.OPEN else "tally"


def _done(form: Any, change: Callable[[], Any]) -> Any:
    """Run a change; put what is wrong into the form."""
    try:
        return change()
    except ValidationError as error:
        form.add_error(None, list(error.messages))
        return None


def _went_well(form: Any, change: Callable[[], None]) -> bool:
    """Run a change that returns nothing; put what is wrong into the form."""
    try:
        change()
    except ValidationError as error:
        form.add_error(None, list(error.messages))
        return False
    return True


def _page(request: HttpRequest, vote: Vote, form: Any, title: str, intro: str, button: str) -> HttpResponse:
    context = _context(vote) | {"form": form, "title": title, "intro": intro, "button": button}
    return render(request, "ballots/desk_form.html", context)


@sensitive_post_parameters()
@in_vote("ballot.manage")
@require_http_methods(["GET", "POST"])
def roll(request: HttpRequest, vote: Vote) -> HttpResponse:
    """Put people on the roll."""
    form = RollForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        people = form.cleaned_data["people"]
        made = _done(form, lambda: ballots.load_roll(request.user, vote.module, people))
        if made is not None:
            told = _("%(new)s people are new on the roll, %(there)s were there, %(twice)s lines were double.")
            messages.success(request, told % {"new": made.new, "there": made.there, "twice": made.twice})
            return redirect(address(vote, "ballot_desk"))
    intro = _(
        "Everybody on this list can vote once, whatever the way. The public log says how many they are."
    )
    return _page(request, vote, form, _("Put people on the roll"), intro, _("Put on the roll"))


@sensitive_post_parameters()
@in_vote("ballot.manage")
@require_http_methods(["GET", "POST"])
def letters(request: HttpRequest, vote: Vote) -> HttpResponse:
    """Make codes for letters; they are shown once."""
    form = LettersForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = _done(form, lambda: ballots.make_letters(request.user, vote.module, form.listed()))
        if made is not None:
            if form.cleaned_data["to"] == "page":
                return _slips(request, vote, list(made.items()))
            return _table(request, vote, made)
    intro = _("The codes are shown once and are nowhere kept: only who gets the letter has the code.")
    return _page(request, vote, form, _("Codes for letters"), intro, _("Make the codes"))


@sensitive_post_parameters()
@in_vote("ballot.manage")
@require_http_methods(["GET", "POST"])
def package(request: HttpRequest, vote: Vote) -> HttpResponse:
    """Make codes that somebody hands out."""
    form = PackageForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        got = form.cleaned_data
        made = _done(
            form,
            lambda: ballots.make_package(request.user, vote.module, got["count"], got["label"]),
        )  # fmt: skip
        if made is not None:
            return _slips(request, vote, [("", code) for code in made])
    intro = _(
        "For people whom no register knows. Whoever hands them out gives one to each person. How many there "
        "are and who hands them out stands in the public log."
    )
    return _page(request, vote, form, _("Codes to hand out"), intro, _("Make the codes"))


def _table(request: HttpRequest, vote: Vote, made: dict[str, str]) -> HttpResponse:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["identifier", "code", "address"])
    where = request.build_absolute_uri(address(vote, "ballot_vote"))
    writer.writerows([neutral(i), code, where] for i, code in made.items())
    answer = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="codes.csv"'
    return answer


def _slips(request: HttpRequest, vote: Vote, made: list[tuple[str, str]]) -> HttpResponse:
    where = request.build_absolute_uri(address(vote, "ballot_vote"))
    return render(request, "ballots/slips.html", _context(vote) | {"slips": made, "where": where})


@sensitive_post_parameters()
@in_vote("ballot.manage")
@require_http_methods(["GET", "POST"])
def mark(request: HttpRequest, vote: Vote) -> HttpResponse:
    """Mark somebody whose envelope came."""
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        who = form.cleaned_data["identifier"]
        if _went_well(form, lambda: ballots.mark(request.user, vote.module, who)):
            messages.success(request, _("Marked. Put the inner envelope, unopened, to the others."))
            return redirect(address(vote, "ballot_mark"))
    intro = _("Whoever voted before is refused here: then the envelope is put aside unopened.")
    return _page(request, vote, form, _("An envelope came"), intro, _("Mark"))


@in_vote("ballot.manage")
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest, vote: Vote) -> HttpResponse:
    """Enter the ballot of an inner envelope."""
    return _ballot(request, vote, "")


@sensitive_post_parameters()
@in_vote("ballot.manage")
@require_http_methods(["GET", "POST"])
def assist(request: HttpRequest, vote: Vote) -> HttpResponse:
    """Take the ballot of somebody who is there."""
    return _ballot(request, vote, "assisted")


def _ballot(request: HttpRequest, vote: Vote, channel: str) -> HttpResponse:
    """Show a ballot to an officer, and take it."""
    context = _context(vote) | {"channel": channel, "lines": lines_of(vote.question)}
    if request.method == "POST":
        context |= {"lines": lines_of(vote.question, request.POST), "who": request.POST.get("identifier", "")}
        try:
            receipt = _taken(request, vote, channel)
        except ValidationError as error:
            return render(request, "ballots/enter.html", context | {"errors": error.messages}, status=422)
        if channel:
            return done(request, vote, receipt)
        messages.success(request, _("It was entered."))
        return redirect(address(vote, "ballot_enter"))
    return render(request, "ballots/enter.html", context)


def _taken(request: HttpRequest, vote: Vote, channel: str) -> Any:
    if not channel and "invalid" in request.POST:
        return ballots.enter(request.user, vote.module, None)
    choice = choice_of(vote.question, request.POST)
    if not channel:
        return ballots.enter(request.user, vote.module, choice)
    who = request.POST.get("identifier", "")[:200]
    return ballots.cast_for(request.user, vote.module, choice, identifier=who, channel=channel)


@sensitive_post_parameters()
@in_vote("ballot.manage")
@require_http_methods(["GET", "POST"])
def revoke(request: HttpRequest, vote: Vote) -> HttpResponse:
    """Take somebody off the roll who has not voted."""
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        who = form.cleaned_data["identifier"]
        if _went_well(form, lambda: ballots.revoke(request.user, vote.module, who)):
            messages.success(request, _("Nobody can vote in this person's place any more."))
            return redirect(address(vote, "ballot_desk"))
    intro = _("For somebody who may not vote after all. Whoever has voted cannot be taken off.")
    return _page(request, vote, form, _("Take somebody off the roll"), intro, _("Take off the roll"))


@sensitive_post_parameters()
@in_vote("ballot.manage")
@require_http_methods(["GET", "POST"])
def free(request: HttpRequest, vote: Vote) -> HttpResponse:
    """Let somebody vote again whose ballot was lost in a restore."""
    form = FreeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        who, shown = form.cleaned_data["identifier"], form.cleaned_data["receipt"]
        if _went_well(form, lambda: ballots.free(request.user, vote.module, who, shown)):
            messages.success(request, _("This person can vote again, with the same code."))
            return redirect(address(vote, "ballot_free"))
    intro = _(
        "Only the receipt shows whose ballot is lost: nobody can open it, and no list says whose it was."
    )
    return _page(request, vote, form, _("Let somebody vote again"), intro, _("Let them vote again"))


@in_vote("ballot.manage")
@require_http_methods(["GET", "POST"])
def lot(request: HttpRequest, vote: Vote) -> HttpResponse:
    """Write down a lot that was drawn in public."""
    form = LotForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        seed = form.cleaned_data["seed"]
        if _went_well(form, lambda: ballots.draw_lot(request.user, vote.module, seed)):
            messages.success(request, _("The lot stands in the public log."))
            return redirect(address(vote, "ballot_desk"))
    intro = _("Needed when projects are equal in everything and the rule has no lot. It can be written once.")
    return _page(request, vote, form, _("A lot was drawn"), intro, _("Write it down"))


@in_vote("ballot.manage")
@require_POST
def give_up(request: HttpRequest, vote: Vote) -> HttpResponse:
    """Ask to give lost ballots up, or do it as the second person."""
    if "back" in request.POST:
        return _taken_back(request, vote, "give_up")
    return _stepped(request, vote, ballots.give_up)


@in_vote("ballot.manage")
@require_POST
def end(request: HttpRequest, vote: Vote) -> HttpResponse:
    """Ask for the next step, or do it as the second person."""
    kind = _kind(vote)
    # sent twice, the second time finds the next state: that is not asked for
    if request.POST.get("kind", kind) != kind:
        return redirect(address(vote, "ballot_desk"))
    if "back" in request.POST:
        return _taken_back(request, vote, kind)
    return _stepped(request, vote, ballots.close if kind == "close" else ballots.tally)


def _taken_back(request: HttpRequest, vote: Vote, kind: str) -> HttpResponse:
    try:
        ballots.take_back_ask(request.user, vote.module, kind)
    except ValidationError as error:
        for reason in error.messages:
            messages.error(request, reason)
    return redirect(address(vote, "ballot_desk"))


def _stepped(request: HttpRequest, vote: Vote, change: Callable[..., str]) -> HttpResponse:
    try:
        came = change(request.user, vote.module)
    except ValidationError as error:
        for reason in error.messages:
            messages.error(request, reason)
    else:
        told = {
            "asked": _("You have asked for it. Now another person has to do it."),
            "closed": _("The vote is closed. Nothing more is taken."),
            "tallied": _("The vote is counted."),
            "given_up": _("What was lost is given up. Ballots are taken again."),
        }
        messages.success(request, told[came])
    return redirect(address(vote, "ballot_desk"))
