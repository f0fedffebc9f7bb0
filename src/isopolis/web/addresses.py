"""The application, which looks up an address once and not at every visit."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest
from django.urls import ResolverMatch, get_resolver

__all__ = ["Application"]

KEPT = 4096
"""Addresses that a process remembers; the least used one is forgotten first."""


class Application(WSGIHandler):
    """Django's handler; two hundred patterns are tried for an address only when it is new.

    What an address leads to depends on nothing but the address: patterns are not translated and no
    middleware sets others. An address that leads nowhere is looked up each time, so that strangers cannot
    push out those that people use.
    """

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        """Find the view of a request."""
        request.resolver_match = found = _copy(_resolve(request.path_info))
        return found


@lru_cache(maxsize=KEPT)
def _resolve(path: str) -> ResolverMatch:
    return get_resolver().resolve(path)


def _copy(match: ResolverMatch) -> Any:
    """Give each request what it may change without changing it for the next one."""
    own = object.__new__(ResolverMatch)
    own.__dict__.update(match.__dict__)
    own.kwargs = dict(match.kwargs)
    return own
