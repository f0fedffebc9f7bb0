"""Pages of a conversation for everybody: one statement at a time, one's own votes, the log, the result."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from isopolis.engage.opinions.routing import next_statement
from isopolis.web.actions import ValidationError
from isopolis.web.api.limits import network_of
from isopolis.web.languages import page_language
from isopolis.web.modules.access import in_module
from isopolis.web.modules.models import Module
from isopolis.web.permissions import may, require

from . import showing
from .actions import Propose, TakeBack, Withdraw
from .forms import OTHER, AboutForm, StatementForm
from .limits import DAYS, cookie_of, fresh_sign, name_of_sign, person_of_cookie, person_of_sign
from .models import About, Conversation, Decision, Statement, Vote, Voter
from .people import Person, cast, describe, find

__all__ = ["address", "base_context", "of_module"]

PER_PAGE = 30
LATER_MOST = 40


def of_module(module: Module) -> Conversation:
    """Return the conversation of a module; one that is not kept yet where nobody has done anything."""
    found = Conversation.objects.filter(module=module).first() or Conversation(module=module)
    found.module = module
    return found


def address(module: Module, name: str, *more: Any) -> str:
    """Address of a page of this module."""
    return reverse(name, args=[module.process.workspace.slug, module.process.number, module.pk, *more])


def base_context(request: HttpRequest, module: Module, found: Conversation) -> dict[str, Any]:
    """Return what every page needs."""
    now, city = timezone.now(), module.process.workspace
    return {
        "module": module,
        "process": module.process,
        "city": city,
        "conversation": found,
        "phases": [(p, p.stands(now)) for p in module.phases()],
        "vote": may(request.user, "opinion.vote", city, found, now=now),
        "propose": may(request.user, "opinion.propose", city, found, now=now),
        "manages": may(request.user, "opinion.manage", city, found),
        "moderates": may(request.user, "opinion.moderate", city, found),
        "asks": bool(found.census) and not found.over(now),
        "deeper": True,
    }


# -- who is there ------------------------------------------------------------------------------------------
def _cookie(module: Module) -> str:
    return f"opinions-{module.pk}"


def _person(request: HttpRequest, module: Module, sign: str = "") -> Person:
    known = person_of_cookie(module.pk, request.COOKIES.get(_cookie(module), ""))
    fresh = person_of_sign(module.pk, sign, timezone.now()) if sign else None
    return Person(request.user, known, fresh, network_of(request))


def _remembered(answer: HttpResponse, module: Module, voter: Voter) -> HttpResponse:
    """Give the browser of somebody without an account its cookie, for this conversation only."""
    if voter.user_id is None:
        answer.set_cookie(
            _cookie(module), cookie_of(module.pk, voter.pk), max_age=DAYS * 24 * 3600, httponly=True,
            samesite="Lax", secure=settings.SESSION_COOKIE_SECURE, path=module.get_absolute_url(),
        )  # fmt: skip
    return answer


def _listed(text: str) -> list[int]:
    """Read the numbers of statements that were set aside."""
    numbers = [int(n) for n in text[:400].split(".") if n.isascii() and n.isdecimal() and len(n) < 6]
    return list(dict.fromkeys(numbers))[-LATER_MOST:]


# -- one statement at a time -------------------------------------------------------------------------------
@in_module("opinions")
@never_cache
@require_GET
def opinions(request: HttpRequest, module: Module) -> HttpResponse:
    """Show the next statement, and what else there is."""
    return _card(request, module, _listed(request.GET.get("later", "")))


def _card(
    request: HttpRequest, module: Module, later: list[int], sign: str = "", wrong: Any = None
) -> HttpResponse:
    found = of_module(module)
    context = base_context(request, module, found) | {"deeper": False, "wrong": wrong}
    person = _person(request, module)
    voter = find(found, person) if found.pk and found.seed and not found._state.adding else None
    name = voter.pk.hex if voter else name_of_sign(module.pk, sign) or uuid.uuid4().hex
    rows = {
        number: (pk, votes)
        for pk, number, votes in Statement.objects.filter(
            conversation=found, state=Statement.State.ACCEPTED
        ).exclude(text="").values_list("pk", "number", "votes")
    } if not found._state.adding else {}  # fmt: skip
    voted = set(Vote.objects.filter(voter=voter).values_list("statement__number", flat=True) if voter else ())
    number = next_statement(found.seed, name, ((n, v) for n, (_pk, v) in rows.items()), voted, later)
    context |= {
        "statement": Statement.objects.filter(pk=rows[number][0]).first() if number is not None else None,
        "voted": len(voted & rows.keys()),
        "all": len(rows),
        "voter": voter,
        "later": ".".join(map(str, later)),
        "sign": "" if voter else fresh_sign(module.pk, timezone.now(), name),
    }
    return render(request, "opinions/opinions.html", context)


@in_module("opinions")
@require_POST
def vote(request: HttpRequest, module: Module) -> HttpResponse:
    """Keep a vote, or set a statement aside; then show the next one, or one's votes again."""
    found, sign = of_module(module), request.POST.get("sign", "")
    later, choice = _listed(request.POST.get("later", "")), request.POST.get("choice", "")
    statement = _statement(found, request.POST.get("statement", ""))
    if choice == "later":
        later = [*(n for n in later if n != statement.number), statement.number][-LATER_MOST:]
        return redirect(_next(module, later))
    try:
        value = {"1": 1, "-1": -1, "0": 0}.get(choice, 9)
        voter = cast(found, _person(request, module, sign), statement, value, timezone.now())
    except ValidationError as error:
        if request.POST.get("back") == "mine":
            messages.error(request, " ".join(error.messages))
            return redirect(address(module, "opinions_mine"))
        return _card(request, module, later, sign, error.messages)
    if request.POST.get("back") == "mine":
        messages.success(request, _("Your vote was changed."))
        return redirect(address(module, "opinions_mine"))
    return _remembered(redirect(_next(module, [n for n in later if n != statement.number])), module, voter)


def _next(module: Module, later: list[int]) -> str:
    asked = "?later=" + ".".join(map(str, later)) if later else ""
    return f"{module.get_absolute_url()}{asked}#statement"


def _statement(found: Conversation, number: str | int) -> Statement:
    text = str(number)
    if found._state.adding or not (text.isascii() and text.isdecimal() and len(text) < 6):
        raise Http404
    return get_object_or_404(Statement, conversation=found, number=int(text))


# -- writing -----------------------------------------------------------------------------------------------
@in_module("opinions")
@never_cache
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, module: Module) -> HttpResponse:
    """Take a statement."""
    found, now = of_module(module), timezone.now()
    context = base_context(request, module, found) | {"rules": Decision.Rule.choices[1:]}
    new = find(found, _person(request, module)) is None if not found._state.adding else True
    sign = fresh_sign(module.pk, now) if new else ""
    initial = {"language": page_language(), "sign": sign}
    if request.method != "POST":
        form = StatementForm(found.longest, initial=initial)
        return render(request, "opinions/propose.html", context | {"form": form})
    require(request.user, "opinion.propose", module.process.workspace, found, now=now)
    form = StatementForm(found.longest, request.POST, initial=initial)
    if form.is_valid() and form.is_from_a_machine():
        # whoever fills in what people do not see is told nothing
        return redirect(module)
    if form.is_valid():
        said = form.cleaned_data
        change = Propose(
            AnonymousUser(), module.process.workspace, module, _person(request, module, said["sign"]),
            said["text"], said["language"],
        )  # fmt: skip
        try:
            made = change.run()
        except ValidationError as error:
            form.add_error(None, error)
            form.data = form.data.copy()
            form.data["sign"] = (
                fresh_sign(module.pk, now, name_of_sign(module.pk, said["sign"])) if new else ""
            )
        else:
            messages.success(
                request, _("Thank you. Your statement is shown to others once somebody has looked at it.")
            )
            return _remembered(redirect(address(module, "opinions_mine")), module, made.author)
    return render(request, "opinions/propose.html", context | {"form": form})


# -- what is one's own -------------------------------------------------------------------------------------
def _voter(request: HttpRequest, module: Module, found: Conversation) -> Voter | None:
    return None if found._state.adding else find(found, _person(request, module))


@in_module("opinions")
@never_cache
@require_GET
def mine(request: HttpRequest, module: Module) -> HttpResponse:
    """Show one's own votes and statements, each of which can be changed."""
    found = of_module(module)
    voter = _voter(request, module, found)
    votes = Vote.objects.filter(voter=voter).select_related("statement").order_by("statement__number")
    page = Paginator(votes if voter else Vote.objects.none(), PER_PAGE).get_page(request.GET.get("page"))
    written = Statement.objects.filter(author=voter).order_by("number") if voter else []
    context = base_context(request, module, found) | {
        "voter": voter, "page": page, "values": [(1, _("Agree")), (-1, _("Disagree")), (0, _("Pass"))],
        "written": [
            (s, s.decision_set.first(), address(module, "opinions_take_back", s.number)) for s in written
        ],
        "about": About.objects.filter(voter=voter).first() if voter else None,
        "other": OTHER,
    }  # fmt: skip
    return render(request, "opinions/mine.html", context)


@in_module("opinions")
@require_POST
def take_back(request: HttpRequest, module: Module, statement: int) -> HttpResponse:
    """Take a statement of one's own back."""
    found = of_module(module)
    voter, one = _voter(request, module, found), _statement(found, statement)
    if voter is None or one.author_id != voter.pk:
        raise Http404
    try:
        TakeBack(AnonymousUser(), module.process.workspace, module, voter, one).run()
        messages.success(request, _("Your statement was taken back."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect(address(module, "opinions_mine"))


@in_module("opinions")
@never_cache
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, module: Module) -> HttpResponse:
    """Ask, then remove everything of a person."""
    found = of_module(module)
    voter = _voter(request, module, found)
    if voter is None:
        return redirect(address(module, "opinions_mine"))
    if request.method == "POST":
        Withdraw(AnonymousUser(), module.process.workspace, module, voter).run()
        messages.success(request, _("Your votes are removed, and what you said of yourself."))
        return _unknown(module)
    return render(request, "opinions/withdraw.html", base_context(request, module, found) | {"voter": voter})


def _unknown(module: Module) -> HttpResponse:
    answer = redirect(module)
    answer.delete_cookie(_cookie(module), path=module.get_absolute_url(), samesite="Lax")
    return answer


@in_module("opinions")
@require_POST
def forget(request: HttpRequest, module: Module) -> HttpResponse:
    """Let this browser forget who voted, where several people use it; their votes stay."""
    return _unknown(module)


@in_module("opinions")
@never_cache
@require_http_methods(["GET", "POST"])
def about(request: HttpRequest, module: Module) -> HttpResponse:
    """Let people say which groups they belong to; nothing depends on it."""
    found = of_module(module)
    voter, choices = _voter(request, module, found), found.choices()
    if not choices:
        raise Http404
    told = About.objects.filter(voter=voter).first() if voter else None
    form = AboutForm(choices, request.POST or None, told.traits if told else None)
    if request.method == "POST" and form.is_valid():
        try:
            describe(found, _person(request, module), form.traits(), timezone.now())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("It was kept, apart from your votes."))
            return redirect(address(module, "opinions_mine"))
    return render(
        request, "opinions/about.html", base_context(request, module, found) | {"form": form, "voter": voter}
    )


# -- for everybody to read ---------------------------------------------------------------------------------
@in_module("opinions")
@require_GET
def log(request: HttpRequest, module: Module) -> HttpResponse:
    """Show what moderation accepted and refused, and why; refused texts do not stand there."""
    found = of_module(module)
    rows = Decision.objects.filter(statement__conversation=found).select_related("statement")
    page = Paginator(rows if not found._state.adding else Decision.objects.none(), PER_PAGE)
    context = base_context(request, module, found) | {
        "page": page.get_page(request.GET.get("page")), "rules": Decision.Rule.choices[1:], "other": OTHER,
    }  # fmt: skip
    return render(request, "opinions/log.html", context)


@in_module("opinions")
@require_GET
def result(request: HttpRequest, module: Module) -> HttpResponse:
    """Show the map of opinions: to everybody what is public, to the officer the newest."""
    found = of_module(module)
    context = base_context(request, module, found)
    kept = found.shown if context["manages"].allowed and found.shown else found.public
    if not kept:
        return render(request, "opinions/no_result.html", context)
    rows = Paginator(kept["statements"], PER_PAGE).get_page(request.GET.get("page"))
    context |= showing.told(found, kept, rows) | {
        "page": rows, "first": rows.number == 1, "newer": kept is found.shown and found.shown != found.public,
    }  # fmt: skip
    return render(request, "opinions/result.html", context)
