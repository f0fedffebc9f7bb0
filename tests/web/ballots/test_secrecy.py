"""Whoever has the database, all of it, at any moment, with its logs, cannot tell whose a ballot is.

The one who tries here has more than that: the content of every ballot in the box, as if its key had leaked.
What is left is to be chance within a batch, and no batch is smaller than the vote says. The same look finds
the voters of a box that is filled as ballots come, so that it is known to see something.
"""

from __future__ import annotations

import io
import logging
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from math import sqrt
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings

from isopolis.engage.budget.election import Project
from isopolis.engage.ledger.ballot import Question
from isopolis.engage.ledger.chain import tag
from isopolis.engage.ledger.codes import normal, roll_key
from isopolis.model import DataError
from isopolis.web import ballots
from isopolis.web.accounts.models import User
from isopolis.web.ballots import keys
from isopolis.web.ballots.models import Boxed, RollEntry, Vote, Waiting
from isopolis.web.operate.backup import kept_files
from isopolis.web.workspaces.actions import AddMember, CreateWorkspace

from .votes import end_phase, module_for_votes, opened

PEOPLE, LEAST = 72, 4
CHANCE = 4.5
"""Standard deviations: over some hundred pairs of orders, about one run in a thousand would be this odd."""
PARTS = ("roll", "box", "waiting")
TABLES = dict(zip(PARTS, ("ballots_rollentry", "ballots_boxed", "ballots_waiting"), strict=True))
EIGHT = tuple(Project(f"p{n}", 10, f"Project {n}") for n in range(8))
Row = dict[str, Any]


@dataclass
class Copy:
    """Everything in the database at one moment, where each row lies and when it was written included."""

    tables: dict[str, list[Row]]

    @classmethod
    def now(cls) -> Copy:
        hidden = "ctid, xmin, xmax" if connection.vendor == "postgresql" else "rowid"
        out = {}
        with connection.cursor() as cursor:
            for name in connection.introspection.table_names():
                places = hidden if connection.vendor == "postgresql" or has_rowid(cursor, name) else "0"
                cursor.execute(f'SELECT {places}, t.* FROM "{name}" t ORDER BY 1')
                names = [d[0] for d in cursor.description]
                out[name] = [dict(zip(names, map(plain, r), strict=True)) for r in cursor.fetchall()]
        return cls(out)

    def part(self, name: str) -> list[Row]:
        return self.tables[TABLES[name]]


def has_rowid(cursor: Any, name: str) -> bool:
    cursor.execute("SELECT sql FROM sqlite_master WHERE name = %s", [name])
    return "WITHOUT ROWID" not in cursor.fetchone()[0].upper()


def plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview | bytes | bytearray) else str(value)


def whole(text: str) -> tuple[int, ...]:
    """A place in a table as it counts: ``(12,3)``, ``417``."""
    return tuple(int(n) for n in text.strip("()").split(","))


@dataclass
class Seen:
    """A vote with what really happened, which nobody else knows, and the copies that somebody took.

    `truth` goes from the key on the roll to the name in the box, in the order in which people voted;
    `left` is every key that the server still has.
    """

    truth: dict[str, str]
    copies: list[Copy]
    logs: str
    secrets: list[str]
    left: list[bytes]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any) -> Seen:
    """72 people vote, each with a ballot of their own; the database is copied after every fifth."""
    from isopolis.web.modules.models import Phase

    heard, logger = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(heard), logger.level
    folder = tmp_path_factory.mktemp("secrecy")
    with (
        django_db_blocker.unblock(),
        override_settings(
            DATA_DIR=folder, PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]
        ),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(Phase, "opens", property(lambda _self: frozenset({"vote"})))
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
        try:
            made = _voted(folder)
        finally:
            logger.removeHandler(handler)
            logger.setLevel(level)
            call_command("flush", interactive=False, verbosity=0)
    made.logs = heard.getvalue()
    return made


def _voted(folder: Path) -> Seen:
    owner, officer = (
        User.objects.create_user(f"{n}@example.org", f"{n}-long-password", name=n)
        for n in ("owner", "officer")
    )
    city = CreateWorkspace(owner, "Testville").run()
    AddMember(owner, city, officer.email, "participation_officer").run()
    module = module_for_votes(owner, city)
    vote, codes = opened(owner, module, PEOPLE, LEAST, Question("Secret", 1000, EIGHT))
    names, dice = list(codes), random.Random(7)
    dice.shuffle(names)
    subsets = [s for k in range(1, 8) for s in combinations([p.id for p in EIGHT], k)]
    dice.shuffle(subsets)
    truth, copies, said = {}, [Copy.now()], []
    for place, (name, subset) in enumerate(zip(names, subsets, strict=False)):
        receipt = ballots.cast(module, subset, code=codes[name])
        entry, bare = roll_key(keys.lasting(vote.pk, "roll"), name), normal(receipt.code)
        truth[entry] = tag(str(vote.pk), bare, "box")
        said += [name, codes[name], receipt.code, bare, entry, receipt.commitment]
        if place % 5 == 4:
            copies.append(Copy.now())
    end_phase(module)
    ballots.close(owner, module)
    ballots.close(officer, module)
    copies.append(Copy.now())
    left = [keys.lasting(vote.pk, what) for what in ("roll", "codes", "box")]
    left += [p.read_bytes() for p in (folder / keys.FOLDER).iterdir()]
    return Seen(truth, copies, "", said, left)


def test_no_log_names_anybody(seen: Seen) -> None:
    assert not [s for s in seen.secrets if s in seen.logs]


# -- nothing is the same on both sides ---------------------------------------------------------------------
def values(rows: Sequence[Row]) -> set[Any]:
    """Everything that stands in rows and could be compared, without what all rows of a vote share."""
    shared = set.intersection(*(set(r.values()) for r in rows)) if rows else set()
    return {
        v for r in rows for k, v in r.items()
        if v not in shared and v not in ("", "None") and k not in ("ctid", "xmin", "xmax", "rowid", "batch")
    }  # fmt: skip


def test_no_column_has_the_same_on_both_sides(seen: Seen) -> None:
    roll, boxes, waits = set(), set(), []
    for copy in seen.copies:
        roll |= values(copy.part("roll")) | values(copy.tables["ballots_code"])
        boxes |= values(copy.part("box"))
        waits.append({v for r in copy.part("waiting") for k, v in r.items() if k in ("id", "content")})
    waiting = set().union(*waits)
    assert not roll & boxes
    assert not roll & waiting
    assert not boxes & waiting, "a ballot in the box has nothing of what it was called while it waited"
    others = {
        v for copy in seen.copies for name, rows in copy.tables.items() if name not in TABLES.values()
        for r in rows for v in r.values() if isinstance(v, str) and len(v) >= 16
    }  # fmt: skip
    assert not others & waiting
    assert not {v for v in boxes if isinstance(v, bytes)} & others
    named = {r["id"] for r in seen.copies[-1].part("roll")}
    assert {v for v in others & roll if v in named} == {
        r["entry_id"] for r in seen.copies[-1].tables["ballots_code"]
    }


def test_every_ballot_is_as_long_as_any_other(seen: Seen) -> None:
    lengths = {len(r["content"]) for c in seen.copies for p in ("waiting", "box") for r in c.part(p)}
    assert len(lengths) == 1


def test_what_waited_cannot_be_opened_any_more(seen: Seen) -> None:
    """With every key that is left, the lasting ones included."""
    rows = {r["id"]: r["content"] for c in seen.copies for r in c.part("waiting")}
    assert len(rows) > PEOPLE
    for name, content in rows.items():
        for key in seen.left:
            with pytest.raises(DataError):
                keys.opened(key, name, content)


def test_no_backup_takes_the_keys_of_what_waits(owner: Any, module: Any) -> None:
    opened(owner, module)
    folder = Path(settings.DATA_DIR)
    assert list((folder / keys.FOLDER).iterdir())
    keys.lasting("x", "roll")
    names = [p.relative_to(folder).as_posix() for p in kept_files(folder)]
    assert not [n for n in names if keys.FOLDER in n]
    assert "ballots_key" in names
    assert "ballots_key" not in [p.name for p in kept_files(folder, secrets=False)]


# -- orders ------------------------------------------------------------------------------------------------
def orders(rows: Sequence[Row]) -> dict[str, list[str]]:
    """Names of rows in every order that their columns and their places give."""
    out = {}
    for column in rows[0]:
        kinds = [whole] if column in ("ctid", "xmin", "xmax", "rowid") else [repr]
        for kind in kinds:
            out[column] = [r["id"] for r in sorted(rows, key=lambda r: (kind(r[column]), r["id"]))]
    return out


def ranks(order: Sequence[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(order)}


def odd(pairs: Mapping[Any, Sequence[tuple[int, int]]]) -> float:
    """How far the ranks on both sides go together within batches, in standard deviations of chance."""
    total = spread = 0.0
    for batch in pairs.values():
        n = len(batch)
        if n < 2:
            continue
        one, two = ([sorted(c).index(x) for x in c] for c in zip(*batch, strict=True))
        middle = (n - 1) / 2
        total += sum((a - middle) * (b - middle) for a, b in zip(one, two, strict=True))
        spread += (n * (n * n - 1)) ** 2 / 144 / (n - 1)  # variance of that sum under chance
    return total / sqrt(spread) if spread else 0.0


def looked(
    roll: Sequence[Row], boxes: Sequence[Row], truth: Mapping[str, str]
) -> dict[tuple[str, str], float]:
    """Try each order of the roll against each order of the box."""
    batch = {r["id"]: r["batch"] for r in boxes}
    voted = [r for r in roll if r["state"] == "voted" and truth.get(r["id"]) in batch]
    out = {}
    for (one, people), (two, names) in ((a, b) for a in orders(voted).items() for b in orders(boxes).items()):
        mine, theirs = ranks(people), ranks(names)
        pairs: dict[Any, list[tuple[int, int]]] = {}
        for person, name in truth.items():
            if person in mine and name in theirs:
                pairs.setdefault(batch[name], []).append((mine[person], theirs[name]))
        out[one, two] = odd(pairs)
    return out


def test_no_order_leads_from_the_roll_to_the_box(seen: Seen) -> None:
    """Every column, row order, place and transaction of each side, in each copy, within each batch."""
    truth = seen.truth
    cast = list(truth)
    tried = 0
    for copy in seen.copies:
        if copy.part("box"):
            found = looked(copy.part("roll"), copy.part("box"), truth)
            tried += len(found)
            assert {k: z for k, z in found.items() if abs(z) > CHANCE} == {}
    # and the order in which people really voted, which successive copies show in part
    last = seen.copies[-1].part("box")
    batch = {r["id"]: r["batch"] for r in last}
    for names in orders(last).values():
        theirs, pairs = ranks(names), {}
        for place, person in enumerate(cast):
            pairs.setdefault(batch[truth[person]], []).append((place, theirs[truth[person]]))
        assert abs(odd(pairs)) < CHANCE
        tried += 1
    assert tried > 100


def test_no_batch_is_small_and_more_waited_than_entered(seen: Seen) -> None:
    """Successive copies narrow a ballot down to those who waited, and no further."""
    sizes: dict[str, int] = {}
    for row in seen.copies[-1].part("box"):
        sizes[row["batch"]] = sizes.get(row["batch"], 0) + 1
    assert min(sizes.values()) >= LEAST
    assert len(sizes) > 3
    for before, after in zip(seen.copies, seen.copies[1:], strict=False):
        came = {r["id"] for r in after.part("box")} - {r["id"] for r in before.part("box")}
        assert not came or len(came) >= LEAST
        if before.part("waiting") and came:
            stayed = {r["id"] for r in before.part("waiting")} & {r["id"] for r in after.part("waiting")}
            assert not stayed, "after a shuffling nobody can see which of them goes on waiting"


def test_the_same_look_finds_voters_where_ballots_lie_as_they_came() -> None:
    """A guard that never sees anything proves nothing."""
    dice = random.Random(3)
    people = [f"person {dice.random()}" for _n in range(60)]
    truth = {p: f"ballot {dice.random()}" for p in people}
    roll = [{"rowid": str(n), "id": p, "state": "voted"} for n, p in enumerate(people)]
    naive = [{"rowid": str(n), "id": truth[p], "batch": str(n // 20)} for n, p in enumerate(people)]
    assert max(looked(roll, naive, truth).values()) > CHANCE
    dice.shuffle(naive)
    shuffled = [r | {"rowid": str(n)} for n, r in enumerate(naive)]
    assert max(map(abs, looked(roll, shuffled, truth).values())) < CHANCE


# -- what the page leaves behind ---------------------------------------------------------------------------
def test_voting_over_the_page_leaves_nothing_else(owner: Any, module: Any, client: Client) -> None:
    from django.urls import reverse

    _vote, codes = opened(owner, module)
    before = Copy.now()
    path = reverse("ballot_vote", args=[module.process.workspace.slug, module.process.number, module.pk])
    client.get(path)
    for step in ("review", "cast"):
        sent = {"code": codes["ID-00001"], "choice": ["p1"], step: ""}
        assert client.post(path, sent).status_code == 200
    after = Copy.now()
    changed = {n for n in after.tables if after.tables[n] != before.tables[n]}
    assert changed == {"ballots_rollentry", "ballots_waiting", "participation_participation"}
    entry = RollEntry.objects.get(state="voted")
    assert {f.name for f in RollEntry._meta.get_fields() if getattr(f, "concrete", False)} == {
        "id", "vote", "state", "channel", "cell", "package",
    }, "no time stands on the roll"  # fmt: skip
    assert (entry.channel, Boxed.objects.count(), Waiting.objects.count()) == ("web", 0, 1)


def test_an_account_that_votes_is_not_seen(
    owner: Any, module: Any, browse: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Who was signed in at that moment would name a place on the roll beside two copies of it."""
    from django.contrib.sessions.models import Session
    from django.urls import reverse

    _vote, codes = opened(owner, module)
    client = browse(owner)
    before = Copy.now()
    at = [module.process.workspace.slug, module.process.number, module.pk]
    path = reverse("ballot_vote", args=at)
    with caplog.at_level(logging.INFO, "isopolis.web.requests"):
        assert client.get(path).status_code == 200
        for step in ("review", "cast"):
            sent = {"code": codes["ID-00001"], "choice": ["p1"], step: ""}
            assert client.post(path, sent).status_code == 200
        assert client.post(reverse("ballot_receipt", args=at), {"receipt": "0" * 20}).status_code == 200
    lines = [r for r in caplog.records if r.name == "isopolis.web.requests"]
    assert [getattr(r, "account", 1) for r in lines] == [None] * 4
    after = Copy.now()
    changed = {n for n in after.tables if after.tables[n] != before.tables[n]}
    assert changed == {"ballots_rollentry", "ballots_waiting", "participation_participation"}
    # and elsewhere a session says when it was last used, so that this looks at something
    client.get("/w/")
    assert Session.objects.get().get_decoded()["seen"] > 0


def test_to_vote_nobody_is_asked_what_they_are(owner: Any, module: Any, client: Client) -> None:
    """An identifier is enough for the roll; the ballot asks for a code and a choice."""
    import re

    from django.core.exceptions import ValidationError
    from django.urls import reverse

    from isopolis.web.ballots.roll import Person, people_from

    ballots.open_vote(owner, module, {"rule": "greedy"}, Question("Bare", 1000, EIGHT), least=2)
    assert ballots.load_roll(owner, module, people_from("identifier\nID-1\n")).new == 1
    for cell in ("0601|religion=none", "0601|age=65+ & sexual orientation=x", "|Disability status=yes"):
        with pytest.raises(ValidationError, match="no place on a roll"):
            ballots.load_roll(owner, module, [Person("ID-2", cell)])
    assert ballots.load_roll(owner, module, [Person("ID-2", "0601|age=65+ & sex=f")]).new == 1
    path = reverse("ballot_vote", args=[module.process.workspace.slug, module.process.number, module.pk])
    form = client.get(path).text.partition('<form method="post">')[2].partition("</form>")[0]
    assert set(re.findall(r'name="(\w+)"', form)) == {"csrfmiddlewaretoken", "code", "choice", "review"}
    code = ballots.make_letters(owner, module, ["ID-1"])["ID-1"]
    assert client.post(path, {"code": code, "choice": ["p1"], "cast": ""}).status_code == 200
    assert RollEntry.objects.get(state="voted").cell == ""


def test_no_time_finer_than_a_day_and_no_number_of_an_order() -> None:
    from django.db import models

    for table in (RollEntry, Waiting, Boxed):
        for field in table._meta.get_fields():
            assert not isinstance(field, models.DateTimeField | models.TimeField | models.AutoField), field
        assert not [
            f
            for f in table._meta.get_fields()
            if f.is_relation and f.related_model is not Vote and f.concrete
        ]


def test_days_only(seen: Seen) -> None:
    today = datetime.now(UTC).date()
    days = {r["day"] for r in seen.copies[-1].tables["ballots_logentry"]}
    assert all(abs((datetime.fromisoformat(d).date() - today).days) <= 1 and len(d) == 10 for d in days)
