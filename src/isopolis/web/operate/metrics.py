"""What Prometheus reads from ``/metrics``: requests by page, jobs, the database, the last backup.

Labels are names of pages and states, never addresses, people or cities. With several processes each writes
its counts into files of one folder, which `isopolis serve` makes and removes, and the page adds them up.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from hmac import compare_digest
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

__all__ = ["FOLDER_VARIABLE", "metrics", "observe"]

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
OWN = CollectorRegistry()
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
REQUESTS = Counter(
    "isopolis_requests", "Requests answered", ["view", "method", "status"], registry=OWN
)  # fmt: skip
SECONDS = Histogram(
    "isopolis_request_seconds", "Time to answer", ["view"], registry=OWN, buckets=BUCKETS
)  # fmt: skip


def observe(view: str, method: str, status: int, seconds: float) -> None:
    """Count one request."""
    # browsers may invent methods; each would be a series of its own for ever
    REQUESTS.labels(view, method if method in METHODS else "other", str(status)).inc()
    SECONDS.labels(view).observe(seconds)


class Now(Collector):
    """What is asked of the database and the disk at the moment of reading."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauges; those of the database are left out while it does not answer."""
        from isopolis import __version__

        build = GaugeMetricFamily("isopolis_build", "The version that runs", labels=["version", "database"])
        build.add_metric([__version__, connection.vendor], 1)
        yield build
        try:
            yield from _jobs()
            yield _gauge("isopolis_database_bytes", "Size of the main database", _database_bytes())
            up = 1
        except Error:
            up = 0
        yield _gauge("isopolis_database_up", "1 while the database answers", up)
        yield from _last_backup()


def _gauge(name: str, what: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, what, value=value)


def _jobs() -> Iterator[GaugeMetricFamily]:
    from django.db.models import Count, Min

    from isopolis.web.work.models import Job, Runner

    now = timezone.now()
    counted = dict(Job.objects.values_list("state").annotate(n=Count("pk")).order_by())
    states = GaugeMetricFamily("isopolis_jobs", "Jobs by state", labels=["state"])
    for state in Job.State.values:
        states.add_metric([state], counted.get(state, 0))
    yield states
    oldest = Job.objects.filter(state="queued").aggregate(at=Min("created_at"))["at"]
    age = (now - oldest).total_seconds() if oldest else 0
    yield _gauge("isopolis_queue_age_seconds", "How long the oldest waiting job has waited", age)
    beat = Runner.objects.order_by("-beat_at").values_list("beat_at", flat=True).first()
    if beat:
        silence = (now - beat).total_seconds()
        yield _gauge("isopolis_runner_silence_seconds", "Since a job runner was last heard of", silence)


def _database_bytes() -> int:
    sql = {
        "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
        "postgresql": "SELECT pg_database_size(current_database())",
    }
    with connection.cursor() as cursor:
        cursor.execute(sql[connection.vendor])
        return int(cursor.fetchone()[0])


def _last_backup() -> Iterator[GaugeMetricFamily]:
    from .backup import last_backup

    if at := last_backup(Path(settings.DATA_DIR)):
        age = (datetime.now(UTC) - at).total_seconds()
        yield _gauge("isopolis_backup_age_seconds", "Since the last backup was made", age)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer Prometheus; for everybody else there is no such page."""
    if not _known(request):
        raise Http404
    registry = CollectorRegistry()
    registry.register(Now())
    text = generate_latest(registry)
    if os.environ.get(FOLDER_VARIABLE):
        counts = CollectorRegistry()
        MultiProcessCollector(counts)
    else:
        counts = OWN
    return HttpResponse(text + generate_latest(counts), content_type=CONTENT_TYPE_LATEST)


def _known(request: HttpRequest) -> bool:
    """Let in who has the token; without one set, who is on this machine and comes through no proxy."""
    token = str(settings.OPTIONS["metrics_token"])
    if token:
        said: Any = request.headers.get("Authorization", "")
        return compare_digest(said.encode(), f"Bearer {token}".encode())
    if settings.OPTIONS["proxy"] or "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False  # everybody seems to come from this machine then
    return request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1")
