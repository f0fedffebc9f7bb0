"""The door of a vote: its process must be seen, its module must be of that process, and it must be opened.

Pages for those who vote are marked as unseen: no session and no log says that an account was there, because
copies of the roll before and after would tell whose place that account is.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from isopolis.web.modules.models import Process
from isopolis.web.permissions import may, require

from . import rows
from .models import Vote

__all__ = ["in_vote"]

View = Callable[..., HttpResponse]
MOST_KNOWN = 64


def in_vote(verb: str = "process.see") -> Callable[[View], View]:
    """Give a view the vote of its address; who may not see its process gets 404, as if there were none."""

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(
            request: HttpRequest, slug: str, number: int, module: int, *args: Any, **kwargs: Any
        ) -> HttpResponse:
            casts = request.method == "POST" and "cast" in request.POST
            vote = (_running(slug, number, module) if casts else None) or _vote(request, slug, number, module)
            if verb != "process.see":
                require(request.user, verb, vote.process.workspace, vote, now=timezone.now())
            response = view(request, vote, *args, **kwargs)
            # codes, receipts and lists of a roll stand on these pages: nothing keeps them
            response.headers["Cache-Control"] = "no-store"
            return response

        out: Any = guarded if verb == "process.see" else login_required(guarded)
        out.permission = verb
        out.unseen = verb == "process.see"
        return out  # type: ignore[no-any-return]

    return wrap


def _loaded(slug: str, number: int, module: int) -> Vote | None:
    at = {"module": module, "module__process__number": number, "module__process__workspace__slug": slug}
    found = Vote.objects.select_related("module__process__workspace").prefetch_related("module__phase_set")
    return found.defer("bundle", "result").filter(**at).first()


def _vote(request: HttpRequest, slug: str, number: int, module: int) -> Vote:
    vote = _loaded(slug, number, module)
    if vote is None:
        raise Http404
    process = vote.module.process
    # who is there matters for a draft only: people who vote are not asked
    draft = process.state == Process.State.DRAFT
    if draft and not may(request.user, "process.see", process.workspace, process):
        raise Http404
    return vote


_known: OrderedDict[tuple[Any, ...], Vote] = OrderedDict()
_mutex = threading.Lock()


def _running(slug: str, number: int, module: int) -> Vote | None:
    """Return a vote in a public process as it was loaded before, if nothing that matters has changed since.

    Everything that decides whether a ballot is taken is read anew each time, by one statement, and is the key
    under which the rest is kept: so that thousands who cast do not load the same five tables.
    """
    found = rows.facts(slug, number, module)
    if not found or found[0][2] == Process.State.DRAFT:
        return None
    key = (slug, number, module, found)
    with _mutex:
        vote = _known.get(key)
    if vote is None:
        vote = _loaded(slug, number, module)
        if vote is not None and rows.facts(slug, number, module) == found:
            with _mutex:
                _known[key] = vote
                while len(_known) > MOST_KNOWN:
                    _known.popitem(last=False)
    return vote
