"""The doors of a process: for the officer inside the workspace, and for everybody outside of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from isopolis.web.permissions import may, require

from .models import Module, Process

__all__ = ["in_module", "in_process"]

View = Callable[..., HttpResponse]


def in_process(verb: str = "process.see") -> Callable[[View], View]:
    """Give a view the process of its address; who may not see it gets 404, as if there were none.

    Seeing needs no account once a process is published. Any other verb asks to sign in first.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, slug: str, number: int, *args: Any, **kwargs: Any) -> HttpResponse:
            process = _process(request, slug, number)
            if verb != "process.see":
                require(request.user, verb, process.workspace, process, now=timezone.now())
            return view(request, process, *args, **kwargs)

        return _marked(guarded, verb)

    return wrap


def in_module(kind: str, verb: str = "process.see") -> Callable[[View], View]:
    """Give a view the module of its address, of this kind and of this process only."""

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(
            request: HttpRequest, slug: str, number: int, module: int, *args: Any, **kwargs: Any
        ) -> HttpResponse:
            process = _process(request, slug, number)
            found = Module.objects.filter(pk=module, process=process, kind=kind).first()
            if found is None:
                raise Http404
            found.process = process
            if verb not in ("process.see", "own"):
                require(request.user, verb, process.workspace, found, now=timezone.now())
            return view(request, found, *args, **kwargs)

        return _marked(guarded, verb)

    return wrap


def _process(request: HttpRequest, slug: str, number: int) -> Process:
    found = Process.objects.select_related("workspace").filter(workspace__slug=slug, number=number).first()
    if found is None or not may(request.user, "process.see", found.workspace, found):
        raise Http404
    return found


def _marked(guarded: View, verb: str) -> View:
    out: Any = guarded if verb == "process.see" else login_required(guarded)
    out.permission = verb
    return cast(View, out)
