"""The quick way of an accepted ballot: what it keeps is never older than what it decides by."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from isopolis.web import ballots
from isopolis.web.ballots import views
from isopolis.web.ballots.grouping import Job, RefusedError, _committed
from isopolis.web.ballots.models import RollEntry, Vote, Waiting
from isopolis.web.participation import record_many
from isopolis.web.participation.models import Participation

from .votes import end_phase, opened
from .votes import reason as why


def place(module: Any) -> str:
    return reverse("ballot_vote", args=[module.process.workspace.slug, module.process.number, module.pk])


def cast(client: Client, module: Any, code: str) -> Any:
    return client.post(place(module), {"code": code, "choice": ["p1"], "cast": ""})


def archived(module: Any) -> None:
    module.process.workspace.archived_at = timezone.now()
    module.process.workspace.save()


def hidden(module: Any) -> None:
    module.process.state = "draft"
    module.process.save()


def closed(module: Any) -> None:
    Vote.objects.filter(module=module).update(state="closed")


def put_off(module: Any) -> None:
    module.phase_set.update(starts_at=timezone.now() + timedelta(days=1))


@pytest.mark.parametrize(
    ("change", "status"), [(end_phase, 403), (put_off, 403), (archived, 403), (hidden, 404), (closed, 422)]
)
def test_what_changes_is_seen_by_the_next_ballot(
    owner: Any, module: Any, client: Client, change: Callable[[Any], None], status: int
) -> None:
    _vote, codes = opened(owner, module)
    first, second, third = list(codes.values())[:3]
    assert [cast(client, module, c).status_code for c in (first, second)] == [200, 200]
    change(module)
    assert cast(client, module, third).status_code == status
    assert Waiting.objects.count() == 2


def test_a_changed_name_is_seen_by_the_next_ballot(owner: Any, module: Any, client: Client) -> None:
    _vote, codes = opened(owner, module)
    first, second = list(codes.values())[:2]
    assert "Hero of your city" in cast(client, module, first).text
    module.process.title = "Another name"
    module.process.save()
    assert "Another name" in cast(client, module, second).text


def test_one_page_for_all_but_the_receipt(owner: Any, module: Any, client: Client) -> None:
    _vote, codes = opened(owner, module)
    views._pages.clear()
    pages = [cast(client, module, c).text for c in list(codes.values())[:3]]
    receipts = [p.partition("<strong>")[2].partition("</strong>")[0] for p in pages]
    assert len(set(receipts)) == 3
    assert len({p.replace(r, "") for p, r in zip(pages, receipts, strict=True)}) == 1
    assert len(views._pages) == 1
    kept = "".join(views._pages.values())
    assert not any(r in kept or c in kept for r in receipts for c in codes.values())


def test_a_notice_of_one_is_not_for_others(
    owner: Any, module: Any, client: Client, browse: Callable[[Any], Client]
) -> None:
    _vote, codes = opened(owner, module)
    views._pages.clear()
    first, second, third, *_ = codes.values()
    with_notice = Client()
    signed = _notice("You have signed out of Testville.")
    with_notice.cookies[signed[0]] = signed[1]
    assert "signed out of Testville" in cast(with_notice, module, first).text
    assert cast(browse(owner), module, second).status_code == 200
    assert not views._pages
    assert "Testville" not in cast(client, module, third).text.partition("<main")[2].partition("<h1")[0]


def _notice(text: str) -> tuple[str, str]:
    """Return name and value of the cookie that carries a notice."""
    from django.test import RequestFactory

    from isopolis.web.notices import _Cookie

    storage = _Cookie(RequestFactory().get("/"))
    return storage.cookie_name, storage._encode([Message(constants.INFO, text)])


def test_a_group_in_which_everything_is_wrong_with_somebody(owner: Any, module: Any) -> None:
    """A good one twice, one that voted, one revoked, one unknown, paper without an envelope, all at once."""
    from isopolis.web.ballots.casting import entry_of_code, slip

    vote, codes = opened(owner, module)

    def job(entry: tuple[str, str], channel: str = "web") -> Job:
        return Job(vote.pk, vote.question.room, "2027-01-01", channel, *entry, slip({"p1": 1}))

    def of(name: str) -> tuple[str, str]:
        found = entry_of_code(vote, codes[name])
        assert found is not None
        return found

    good, voted, revoked = of("ID-00003"), of("ID-00001"), of("ID-00002")
    ballots.cast(module, ["p2"], code=codes["ID-00001"])
    ballots.revoke(owner, module, "ID-00002")
    jobs = [job(good), job(good, "kiosk"), job(voted), job(revoked), job(("0" * 64, "")),
            job(("", ""), "paper"), job(of("ID-00004"), "kiosk")]  # fmt: skip
    _committed(jobs)
    reasons = [j.error.reason if isinstance(j.error, RefusedError) else "" for j in jobs]
    assert reasons == ["", "used", "used", "revoked", "roll", "marks", ""]
    assert Waiting.objects.count() == 3
    assert dict(RollEntry.objects.filter(state="voted").values_list("pk", "channel")) == {
        of("ID-00001")[0]: "web", good[0]: "web", of("ID-00004")[0]: "kiosk"
    }  # fmt: skip
    assert why(lambda: ballots.cast(module, ["p1"], code=codes["ID-00003"])) == "used"


def test_counts_add_up_whether_the_row_is_there_or_not(module: Any) -> None:
    for _n in range(40):
        record_many(module, {("web", "North|"): 2, ("paper", None): 1})
    many = {("web", f"Zone {n}|"): 3 for n in range(450)}
    record_many(module, many)
    rows = Participation.objects.filter(module=module)
    sums = {
        channel: sum(rows.filter(channel=channel).values_list("people", flat=True))
        for channel in ("web", "paper")
    }
    assert sums == {"web": 80 + 3 * 450, "paper": 40}
    assert rows.count() <= 8 + 8 + 450


def test_statements_of_one_ballot(owner: Any, module: Any, client: Client) -> None:
    _vote, codes = opened(owner, module, least=100)
    first, second = list(codes.values())[:2]
    cast(client, module, first)
    with CaptureQueriesContext(connection) as asked:
        assert cast(client, module, second).status_code == 200
    # the savepoint of the tests is one of them, and PostgreSQL's is two
    assert len(asked) <= 12, [q["sql"][:80] for q in asked]
