"""Pages for those who vote and for those who look on. Nobody signs in, and nothing needs JavaScript."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods

from isopolis.engage.ledger import codes
from isopolis.web.api.limits import network_of
from isopolis.web.permissions import may

from . import box, log
from .access import in_vote
from .casting import Receipt, ballot_of, cast_in
from .grouping import RefusedError
from .models import Boxed, Vote
from .sheet import choice_of, hidden_fields, lines_of, money, rules_of

__all__ = ["address", "base_context", "done"]

PER_PAGE = 50
BLANK = "0000-here-is-the-receipt-0000"
MOST_PAGES = 200
_pages: dict[tuple[Any, ...], str] = {}


def address(vote: Vote, name: str) -> str:
    """Address of a page of a vote."""
    return reverse(name, args=[vote.process.workspace.slug, vote.process.number, vote.module.pk])


def base_context(vote: Vote) -> dict[str, Any]:
    """Return what every page needs; who is there is not asked."""
    question = vote.question
    return {
        "vote": vote,
        "process": vote.process,
        "module": vote.module,
        "question": question,
        "budget": money(question, question.budget),
        "rules": rules_of(question),
        "urls": {
            n: address(vote, f"ballot_{n}") for n in ("vote", "receipt", "log", "log_file", "bundle", "desk")
        },
        "deeper": True,
    }


@sensitive_post_parameters()
@in_vote()
@require_http_methods(["GET", "POST"])
@sensitive_variables()
def vote(request: HttpRequest, found: Vote, channel: str = "web") -> HttpResponse:
    """Show the ballot, show it again as it was filled in, and take it."""
    if request.method == "POST" and "cast" in request.POST:
        return _taken(request, found, channel)
    if request.method != "POST" or "change" in request.POST:
        return _sheet(request, found)
    try:
        return _review(request, found)
    except RefusedError as error:
        return _sheet(request, found, error.messages, 422)


def _sheet(request: HttpRequest, found: Vote, errors: Sequence[str] = (), status: int = 200) -> HttpResponse:
    """Show the ballot as it was filled in so far, and what is wrong with it."""
    opens = may(AnonymousUser(), "ballot.cast", found.process.workspace, found)
    sent = request.POST if request.method == "POST" else None
    context = base_context(found) | {
        "open": opens if found.state == Vote.State.OPEN else None,
        "lines": lines_of(found.question, sent),
        "code": request.POST.get("code", ""),
        "errors": errors,
    }
    return render(request, "ballots/vote.html", context, status=status)


def _review(request: HttpRequest, found: Vote) -> HttpResponse:
    """Ask whether the ballot is meant as it stands; nothing is taken."""
    ballot, code = ballot_of(found, choice_of(found.question, request.POST)), request.POST.get("code", "")
    if codes.split(codes.normal(code)) is None:
        raise RefusedError("code")
    chosen = [line for line in lines_of(found.question, request.POST) if line.id in ballot]
    cost = sum(p.cost for p in found.question.projects if p.id in ballot)
    context = base_context(found) | {
        "code": code,
        "chosen": sorted(chosen, key=lambda line: -ballot[line.id]),
        "total": money(found.question, cost),
        "hidden": hidden_fields(found.question, request.POST),
    }
    return render(request, "ballots/review.html", context)


def _taken(request: HttpRequest, found: Vote, channel: str) -> HttpResponse:
    """Take the ballot. Thousands do this on the last evening, so the page that says so is a small one."""
    try:
        choice = choice_of(found.question, request.POST)
        receipt = cast_in(
            found, choice, code=request.POST.get("code", ""), channel=channel,
            address=network_of(request), now=timezone.now(),
        )  # fmt: skip
    except PermissionDenied as error:
        return _sheet(request, found, [str(error)], 403)
    except RefusedError as error:
        return _sheet(request, found, error.messages, 422)
    return done(request, found, receipt)


def done(request: HttpRequest, found: Vote, receipt: Receipt) -> HttpResponse:
    """Give somebody the receipt."""
    process, where = found.process, address(found, "ballot_receipt")
    # a session or a notice changes the page; for everybody else it differs in the receipt alone
    if not {settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME}.issuperset(request.COOKIES):
        text = _done_page(request, process, where, receipt.code)
    else:
        asked = getattr(request, "language_asked", "")
        key = (get_language(), asked, where, process.title, process.workspace.slug, process.number)
        page = _pages.get(key)
        if page is None:
            if len(_pages) >= MOST_PAGES:
                _pages.clear()
            page = _pages[key] = _done_page(request, process, where, BLANK)
        text = page.replace(BLANK, receipt.code)
    return HttpResponse(text)


def _done_page(request: HttpRequest, process: Any, where: str, code: str) -> str:
    context = {"receipt": {"code": code}, "process": process, "where": where}
    return render_to_string("ballots/done.html", context, request)


@sensitive_post_parameters()
@in_vote()
@require_http_methods(["GET", "POST"])
def receipt(request: HttpRequest, found: Vote) -> HttpResponse:
    """Tell whoever has a receipt where its ballot is."""
    context = base_context(found)
    if request.method == "POST":
        typed = codes.normal(request.POST.get("receipt", ""))
        place = box.held(found, typed) if len(typed) == codes.RECEIPT else None
        context |= {
            "asked": True,
            "row": place if isinstance(place, Boxed) else None,
            "waiting": place == "waiting",
        }
    return render(request, "ballots/receipt.html", context)


def _words(kind: str) -> str:
    return {
        "opened": _("The vote was opened. The seals are those of the rule and of what is voted on."),
        "roll": _("People were put on the roll."),
        "codes": _("One-time codes were made."),
        "revoked": _("Somebody who had not voted was taken off the roll."),
        "batch": _("A shuffled batch entered the ballot box."),
        "freed": _("Somebody whose ballot was lost may vote again."),
        "lost": _("Ballots that were lost in a restore were given up by two people."),
        "lot": _("The lot that was drawn in public:"),
        "closed": _("Two people closed the vote."),
        "tallied": _("Two people counted the vote."),
    }.get(kind, kind)


def _number(content: Mapping[str, Any]) -> Any:
    """Return how many an entry of the log tells of, if it does."""
    return next((content[k] for k in ("ballots", "people", "codes") if k in content), "")


@in_vote()
@require_GET
def public_log(request: HttpRequest, found: Vote) -> HttpResponse:
    """Show the log of the vote."""
    entries = log.entries_of(found)
    page = Paginator(entries, PER_PAGE).get_page(request.GET.get("page"))
    rows = [
        (e, _words(e.kind), e.content.get("for") or e.content.get("seed") or "", _number(e.content))
        for e in page
    ]
    context = base_context(found) | {
        "page": page,
        "rows": rows,
        "head": entries[-1] if entries else None,
        "today": timezone.localdate(),
    }
    return render(request, "ballots/log.html", context)


@in_vote()
@require_GET
def bundle(request: HttpRequest, found: Vote) -> HttpResponse:
    """Give what everybody needs to count the result again; 404 as long as there is none."""
    if found.bundle is None:
        raise Http404
    answer = HttpResponse(bytes(found.bundle), content_type="application/zip")
    answer["Content-Disposition"] = 'attachment; filename="result-bundle.zip"'
    return answer


@in_vote()
@require_GET
def log_file(request: HttpRequest, found: Vote) -> HttpResponse:
    """Give the log with all names and commitments, for whoever wants to keep or to check it."""
    answer = JsonResponse(log.plain_log(found), json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = 'attachment; filename="ballot-log.json"'
    return answer
