"""Whether the platform is well, for machines that watch it."""

from __future__ import annotations

from datetime import timedelta

from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

__all__ = ["health"]

QUIET = timedelta(seconds=60)


@require_safe
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """Answer 200 when database and job runner work, else 503 with what does not."""
    from isopolis import __version__

    said = {"version": __version__, "database": _database(), "jobs": "unknown"}
    if said["database"] == "ok":
        said["jobs"] = _jobs()
    well = said["database"] == said["jobs"] == "ok"
    return JsonResponse({"status": "ok" if well else "ill", **said}, status=200 if well else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except Error:
        return "does not answer"
    return "ok"


def _jobs() -> str:
    from .work.models import Runner

    try:
        heard = Runner.objects.filter(beat_at__gt=timezone.now() - QUIET).exists()
    except Error:
        return "unknown"
    return "ok" if heard else "no runner was heard of in the last minute"
