"""Random requests made from the OpenAPI documents themselves: whatever is asked, the server does not break.

That the test can fail: a division by zero in any operation, or a ``raise`` for one value of a parameter, ends
it with that operation and a request that shows it; `test_a_broken_operation_is_found` does so each time.
"""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, settings

from isopolis.web.api import runs

from .maps import mapped, program, token

EXAMPLES = 12
"""Random requests for each operation, with a token and without."""


def broken(document: str, secret: str, known: dict[str, str], only: str = "") -> dict[str, Any]:
    """Ask every operation of a document at random; return operation → what broke it."""
    schema = schemathesis.openapi.from_wsgi(document, get_wsgi_application())
    found: dict[str, Any] = {}
    asked: set[str] = set()
    for made in schema.get_all_operations():
        operation = made.ok()
        name = operation.definition.raw["operationId"]
        if only and name != only:
            continue

        @schemathesis_run(operation)
        def one(case: Any, name: str = name) -> None:
            # mostly ids that exist: behind the door is more to break than before it
            for key, value in known.items():
                if key in case.path_parameters and len(str(case.query)) % 4:
                    case.path_parameters[key] = value
            headers = {"Authorization": f"Bearer {secret}"} if secret else {}
            answer = case.call(headers=headers)
            asked.add(name)
            assert answer.status_code < 500, (
                answer.status_code,
                case.method,
                case.formatted_path,
                case.query,
            )

        try:
            one()
        except BaseException as error:
            found[name] = repr(error)[:500]
    assert asked
    return found


def schemathesis_run(operation: Any) -> Any:
    """Draw cases of one operation."""
    from hypothesis import given

    def wrap(test: Any) -> Any:
        limited = settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        return limited(given(case=operation.as_strategy())(lambda case: test(case)))

    return wrap


@pytest.fixture
def ready(owner: Any, city: Any, settings: Any) -> Any:
    settings.OPTIONS = settings.OPTIONS | {"api_per_minute": 10**6, "api_anonymous_per_minute": 10**6}
    return mapped(owner, city)


def known(job: Any, city: Any) -> dict[str, str]:
    return {
        "workspace": city.slug, "dataset": str(job.subject), "job": str(job.pk), "diagnosis": str(job.pk),
        "key": f"{job.pk}-zones",
    }  # fmt: skip


@pytest.mark.parametrize("with_token", [True, False])
def test_nothing_breaks(owner: Any, city: Any, ready: Any, with_token: bool) -> None:
    secret = token(owner) if with_token else ""
    assert broken("/api/v1/openapi.json", secret, known(ready, city)) == {}


def test_nothing_public_breaks(ready: Any, monkeypatch: Any) -> None:
    from isopolis.web.api import ogc, ogc_routes
    from isopolis.web.api.features import layer_of
    from isopolis.web.diagnoses.store import result_folder

    zones = ogc.Collection("town", "zones", "", "1", lambda: layer_of(result_folder(ready), "zones"))
    monkeypatch.setattr(ogc_routes, "published", lambda: [zones])
    assert broken("/ogc/api", "", {"key": "town"}) == {}


def test_a_broken_operation_is_found(owner: Any, city: Any, ready: Any, monkeypatch: Any) -> None:
    """An error planted for some values only."""
    real = runs.next_page
    monkeypatch.setattr(runs, "next_page", lambda r, limit, o, m: 1 / (limit % 3) and real(r, limit, o, m))
    found = broken("/api/v1/openapi.json", token(owner), known(ready, city), only="jobs")
    assert "jobs" in found


def test_the_program_of_the_tests_sends_its_token(owner: Any, city: Any) -> None:
    assert program(token(owner)).get("/api/v1/token").status_code == 200
