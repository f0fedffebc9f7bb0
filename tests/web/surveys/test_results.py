"""Results: weighted beside raw, protected, published once; and nobody can tell whose an answer is."""

from __future__ import annotations

import csv
import io
import random
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.utils import timezone

from isopolis.flows.surveys_confirmed import bands
from isopolis.web.ballots import keys
from isopolis.web.ballots.roll import Person
from isopolis.web.modules.models import Phase
from isopolis.web.modules.surveys import box
from isopolis.web.modules.surveys.actions import (
    ConfirmWeights,
    CountResults,
    GiveUpLost,
    LoadRoll,
    PublishResults,
    SetAccess,
)
from isopolis.web.modules.surveys.models import LEAST, Answer, Apart, RollEntry, Survey, Waiting
from isopolis.web.modules.surveys.privacy import RULES
from isopolis.web.modules.surveys.showing import percent

from ..test_pages import check
from ..towns import upload, work


def text(answer: Any) -> str:
    return str(answer.content.decode())


def answers(n: int = 240, seed: int = 3) -> list[dict[str, str]]:
    """Three quarters were born here, who go by bus half as often as the others."""
    dice = random.Random(seed)
    out = []
    for i in range(n):
        here = i % 4 != 0
        out.append(
            {
                "birthplace": "here" if here else "abroad", "age": str(dice.randrange(18, 80)),
                "ways": "bus" if dice.random() < (0.3 if here else 0.6) else "foot",
                "ill": "yes" if i % 5 == 0 else "no", "fare": dice.choice(["yes", "no"]),
            }
        )  # fmt: skip
    return out


def taken(survey: Survey, given: list[dict[str, str]], channel: str = "web") -> None:
    box.accept(survey.current(), [box.Sent(g, channel) for g in given])


def over(survey: Survey) -> None:
    now = timezone.now()
    Phase.objects.filter(module=survey.module).update(
        starts_at=now - timedelta(days=9), ends_at=now - timedelta(days=1)
    )


def shown(survey: Survey) -> dict[str, Any]:
    survey.refresh_from_db()
    return {q["name"]: q for q in survey.shown["questions"]}


@pytest.fixture
def census(owner: Any, city: Any) -> Any:
    made = upload(owner, city)
    work()
    return made


CONFIRMED = {"birthplace": {"question": "birthplace", "of": {"here": "born_here", "abroad": "born_abroad"}}}


def test_weighted_beside_raw_and_published_once(
    survey: Survey, census: Any, owner: Any, city: Any, home: str, staff: Any, browse: Any
) -> None:
    officer, anybody = browse(staff["participation_officer"]), Client()
    given = answers()
    taken(survey, given)
    desk = f"{home}desk/results/"
    assert officer.post(desk).status_code == 302
    check(officer.get(desk), desk)
    assert [j.state for j in work()] == ["done"]
    plain = officer.get(desk)
    check(plain, desk)
    assert "nothing was weighted" in text(plain)
    weights = f"{desk}weights/?q0=birthplace"
    check(officer.get(weights), weights)
    lines = {"q0": "birthplace", "c0-0": "born_here", "c0-1": "born_abroad"}
    unsure = officer.post(f"{desk}weights/", lines)
    assert unsure.status_code == 422
    assert "confirm that it is right" in text(unsure)
    assert officer.post(f"{desk}weights/", lines | {"confirmed": "on"}).status_code == 302
    survey.refresh_from_db()
    assert survey.weights == CONFIRMED
    over(survey)
    officer.post(desk)
    work()
    page = officer.get(desk)
    check(page, desk)
    assert "Weighted by" in text(page)
    assert "<svg" in text(page)
    # by hand: what each group says, in the shares of the census (tests/web/conftest.py)
    here = sum(150 + 3 * i for i in range(24))
    abroad = sum(50 + 4 * i for i in range(24))
    part = {
        group: sum("bus" in g["ways"] for g in given if g["birthplace"] == group)
        / sum(g["birthplace"] == group for g in given)
        for group in ("here", "abroad")
    }
    expected = (part["here"] * here + part["abroad"] * abroad) / (here + abroad)
    bus = next(s for s in shown(survey)["ways"]["shares"] if s["answer"] == "bus")
    assert bus["weighted"] == pytest.approx(expected, abs=1e-6)
    assert bus["raw"] == pytest.approx(sum("bus" in g["ways"] for g in given) / 240, abs=1e-6)
    assert bus["weighted_interval"][0] < expected < bus["weighted_interval"][1]
    # special categories stand apart: counted, never weighted
    ill = shown(survey)["ill"]
    assert ill["apart"]
    assert {s["answer"]: s["people"] for s in ill["shares"]} == {"yes": 48, "no": 192}
    assert all(not isinstance(s["weighted"], float) for s in ill["shares"])
    fare = shown(survey)["fare"]["estimate"]
    assert fare["variance"] > fare["direct_variance"]
    assert anybody.get(f"{home}results/").status_code == 404
    assert officer.post(f"{desk}publish/", {"publish": ""}).status_code == 302
    public = anybody.get(f"{home}results/")
    check(public, home)
    assert "standard error" in text(public)
    assert "Voluntary, kept apart" in text(public)
    officer.post(f"{desk}publish/", {"withdraw": ""})
    assert anybody.get(f"{home}results/").status_code == 404
    with pytest.raises(ValidationError, match="published already"):
        PublishResults(owner, city, survey.module).run()


def test_nothing_is_published_before_the_end(survey: Survey, owner: Any, city: Any) -> None:
    taken(survey, answers(60))
    with pytest.raises(ValidationError, match="Count the answers first"):
        PublishResults(owner, city, survey.module).run()
    CountResults(owner, city, survey.module).run()
    work()
    with pytest.raises(ValidationError, match="nobody can answer any more"):
        PublishResults(owner, city, survey.module).run()
    over(survey)
    with pytest.raises(ValidationError, match="counted before the end"):
        PublishResults(owner, city, survey.module).run()


def test_too_few_are_refused_and_small_numbers_are_hidden(
    survey: Survey, census: Any, owner: Any, city: Any, home: str, staff: Any, browse: Any
) -> None:
    given = answers(12)
    given[0]["birthplace"] = "here"  # two of twelve are from abroad
    taken(survey, given)
    over(survey)
    Survey.objects.filter(pk=survey.pk).update(
        weights=CONFIRMED, known={"dimensions": {"birthplace": ["Birthplace", ["born_here", "born_abroad"]]}}
    )
    CountResults(owner, city, survey.module).run()
    work()
    birthplace = shown(survey)["birthplace"]
    assert (
        all(not isinstance(s["people"], int) for s in birthplace.get("shares", [])) or birthplace["refused"]
    )
    assert survey.shown["refused"]
    assert shown(survey)["fare"]["refused"]
    page = browse(staff["participation_officer"]).get(f"{home}desk/results/")
    check(page, home)
    assert "There are no weighted numbers" in text(page)


def test_special_and_randomised_questions_are_no_weights(
    survey: Survey, census: Any, owner: Any, city: Any
) -> None:
    Survey.objects.filter(pk=survey.pk).update(known={"dimensions": {"birthplace": ["B", ["born_here"]]}})
    for question in ("ill", "fare", "nothing"):
        with pytest.raises(ValidationError):
            ConfirmWeights(owner, city, survey.module, {"birthplace": {"question": question, "of": {}}}).run()


def test_shares_are_rounded_and_not_cut_off() -> None:
    assert [percent(p) for p in (166 / 220, 0.9996, 0, None)] == ["75.5 %", "100.0 %", "0.0 %", ""]


def test_ages_fall_into_the_bands_of_the_census() -> None:
    assert bands(["0-17", "18 – 64", "65+"]) == [("0-17", 0, 17), ("18 – 64", 18, 64), ("65+", 65, 999)]
    assert bands(["under 18", "18 to 64", "65 and over"]) == [
        ("under 18", 0, 17), ("18 to 64", 18, 64), ("65 and over", 65, 999),
    ]  # fmt: skip
    assert bands(["young", "65+"]) is None


def test_the_downloads(survey: Survey, home: str, staff: Any, browse: Any) -> None:
    given = answers(LEAST)
    given[0]["bus"] = "=cmd()"
    taken(survey, given)
    box.flush(survey)
    officer = browse(staff["participation_officer"])
    rows = list(csv.DictReader(io.StringIO(text(officer.post(f"{home}desk/answers/")))))
    assert len(rows) == LEAST
    assert set(rows[0]) == {"channel", "birthplace", "age", "ways", "bus", "fare"}
    assert "'=cmd()" in {r["bus"] for r in rows}
    apart = text(officer.post(f"{home}desk/answers/", {"apart": ""})).split()
    assert apart == ["question,answer", *(["ill,no"] * 16), *(["ill,yes"] * 4)]
    assert browse(staff["analyst"]).post(f"{home}desk/answers/").status_code == 403


# -- nobody can tell whose an answer is --------------------------------------------------------------------
def test_answers_enter_in_shuffled_batches(survey: Survey, owner: Any, city: Any) -> None:
    SetAccess(owner, city, survey.module, "roll").run()
    people = 3 * LEAST - 1
    LoadRoll(owner, city, survey.module, [Person(f"p{n}") for n in range(people)]).run()
    entries = list(RollEntry.objects.order_by("pk").values_list("pk", flat=True))
    for n, entry in enumerate(entries):
        before = set(Answer.objects.values_list("pk", flat=True))
        box.accept(survey.current(), [box.Sent({"age": str(14 + n)}, "web", entry)])
        new = Answer.objects.exclude(pk__in=before).count()
        assert new == (LEAST if n == 2 * LEAST - 1 else 0)
    assert Waiting.objects.count() == 2 * LEAST - 1
    stored = list(Answer.objects.order_by("pk").values_list("given", flat=True))
    in_order = [a["age"] for a in stored]
    assert in_order != sorted(in_order, key=int)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("select id from surveys_answer order by rowid")
            names = [r[0] for r in cursor.fetchall()]
        assert names == sorted(names)
    # what waits tells nothing: one length, and not a word of what was answered
    sizes = {len(bytes(w.content)) for w in Waiting.objects.all()}
    assert len(sizes) == 1
    columns = {f.name for f in Answer._meta.get_fields() if f.concrete}
    assert columns == {"id", "version", "channel", "given"}
    assert box.flush(survey) == 2 * LEAST - 1
    assert sorted(int(a.given["age"]) for a in Answer.objects.all()) == list(range(14, 14 + people))


def test_the_key_of_a_batch_is_destroyed(survey: Survey) -> None:
    taken(survey, answers(2 * LEAST))
    survey.refresh_from_db()
    assert survey.epoch == 1
    assert Answer.objects.count() == LEAST
    assert Apart.objects.count() == LEAST


def test_after_a_restore_the_loss_is_said_and_settled(
    survey: Survey, owner: Any, city: Any, home: str, staff: Any, browse: Any, settings: Any, tmp_path: Any
) -> None:
    taken(survey, answers(3))
    settings.DATA_DIR = tmp_path / "another machine"
    keys._kept.cache_clear()
    assert box.lost(survey) == 3
    with pytest.raises(ValidationError, match="settle this first"):
        taken(survey, answers(1))
    page = browse(staff["participation_officer"]).get(f"{home}desk/")
    check(page, home)
    assert "restored from a backup" in text(page)
    GiveUpLost(owner, city, survey.module).run()
    taken(survey, answers(1))
    assert Waiting.objects.count() == 1


def test_what_is_kept_goes_in_time(survey: Survey, owner: Any, city: Any) -> None:
    SetAccess(owner, city, survey.module, "roll").run()
    LoadRoll(owner, city, survey.module, [Person("p1")]).run()
    box.accept(survey.current(), [box.Sent({"age": "20", "ill": "no"}, "web", RollEntry.objects.get().pk)])
    box.flush(survey)
    over(survey)
    rules, now = {r.key: r for r in RULES}, timezone.now()
    assert [rules["survey_roll"].run(now + timedelta(days=d), dry=False) for d in (80, 95)] == [0, 1]
    assert [rules["survey_answer"].run(now + timedelta(days=d), dry=False) for d in (700, 740)] == [0, 2]
