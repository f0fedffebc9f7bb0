"""Counting, language, topics, waits, duplicates and rows of GeoReport: hand-made answers and laws."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.engage.worries.desk import Desk, Line, tally, weeks
from isopolis.engage.worries.duplicates import MOST, Rules, groups_of, suggest
from isopolis.engage.worries.georeport import request_rows, requests_xml, service_rows, services_xml
from isopolis.engage.worries.language import languages_of
from isopolis.engage.worries.response import kaplan_meier, median_wait
from isopolis.engage.worries.shown import show
from isopolis.engage.worries.topics import Entry, thesaurus_of, topic_of
from isopolis.model import CallError, Counts, Dimension, Undefined
from isopolis.privacy import suppress


def desk(n: int, **columns: Any) -> Desk:
    """Make a desk of `n` worries; what is not given is not known, and registered."""
    empty = np.full(n, "", dtype=object)
    never = np.full(n, "NaT", dtype="datetime64[s]")
    made = dict.fromkeys(
        ("ids", "texts", "services", "channels", "zones", "groups", "languages", "topics"), empty
    )
    numbers: dict[str, Any] = {
        "received": never, "closed": never, "registered": np.ones(n, bool), "resolved": np.zeros(n, bool),
        "lat": np.full(n, np.nan), "lon": np.full(n, np.nan),
    }  # fmt: skip
    for name, values in columns.items():
        kind = made.get(name, numbers.get(name)).dtype  # type: ignore[union-attr]
        (made if name in made else numbers)[name] = np.array(values, dtype=kind)
    return Desk(**made, **numbers)


# -- counting ----------------------------------------------------------------------------------------
def test_a_week_is_counted_by_channel() -> None:
    some = desk(
        4, channels=["phone", "web", "phone", ""], registered=[True, True, False, True],
        resolved=[True, False, False, False],
    )  # fmt: skip
    assert tally(some, some.channels) == (Line("", 1, 1, 0), Line("phone", 2, 1, 1), Line("web", 1, 1, 0))
    with pytest.raises(CallError, match="cannot be resolved"):
        replace(some, registered=np.zeros(4, bool))
    with pytest.raises(CallError, match="one key"):
        tally(some, ["a"])


@given(st.lists(st.integers(0, 60_000), max_size=30))
def test_weeks_are_those_of_iso_8601(days: list[int]) -> None:
    dates = [date(1970, 1, 1) + timedelta(days=d) for d in days]
    wanted = [f"{y}-W{w:02d}" for y, w, _ in (d.isocalendar() for d in dates)]
    assert weeks(np.array(dates, dtype="datetime64[s]")).tolist() == wanted
    assert weeks(np.array(["NaT"], dtype="datetime64[s]")).tolist() == [""]


# -- what may be shown -------------------------------------------------------------------------------
@pytest.mark.parametrize("numbers", [[3, 40, 15, 700], [9, 9], [3, 4, 70, 800], [50, 60], [5, 6, 11]])
def test_what_is_hidden_cannot_be_worked_out(numbers: list[int]) -> None:
    """The twin: bounds that the gate deduces from our pattern, by linear programs."""
    shown = show([Line(str(i), n, 0, 0) for i, n in enumerate(numbers)], 10)
    hidden = [i for i, x in enumerate(shown) if x.received is None]
    assert {i for i, n in enumerate(numbers) if n < 10} <= set(hidden)
    rest = sum(numbers[i] for i in hidden)
    assert not hidden or len(hidden) == len(numbers) or (len(hidden) > 1 and rest >= 10)
    counts = Counts(
        np.array(["city"], dtype=object), (Dimension("key", tuple(f"k{i}" for i in range(len(numbers)))),),
        np.array([numbers], float), np.zeros((1, 1), np.uint8),
    )  # fmt: skip
    gate = suppress([counts], threshold=10)
    block = next(b for b in gate.blocks[0] if b.names == ("key",))
    # never less is hidden than the gate hides, where the sum may be shown
    assert int(np.asarray(block.counts.hidden).sum()) <= len(hidden)


def test_a_desk_sees_everything_itself() -> None:
    lines = [Line("a", 1, 1, 0), Line("b", 50, 2, 1)]
    assert [x.received for x in show(lines, 0)] == [1, 50]
    assert [x.resolved for x in show([*lines, Line("c", 80, 9, 8)], 10)] == [None, None, 8]
    assert show((), 10) == ()
    with pytest.raises(CallError):
        show(lines, -1)


# -- language ----------------------------------------------------------------------------------------
def test_languages_are_told_or_honestly_not() -> None:
    said = {
        "На улице не работает освещение уже неделю": "ru",
        "Көчөдө жарык жок, кечинде караңгы": "ky",
        "The street lamp in front of the school is broken": "en",
        "لا ضوء": "ar",  # the only expected language of its script
        "Яма": "",  # Russian or Kyrgyz: nobody can tell
        "lamp": "", "12 !!": "", "": "",
        "Die Straßenlaterne an der Ecke ist seit Wochen kaputt": "",  # nobody expected German
        "路灯坏了，晚上什么都看不见，请修理一下": "",
    }  # fmt: skip
    assert languages_of(list(said), ["en", "ru", "ky", "ar"]).tolist() == list(said.values())
    assert languages_of(["The street lamp in front of the school is broken"], ["ru"]).tolist() == [""]
    assert languages_of([], ["en"]).tolist() == []
    with pytest.raises(CallError, match="xx"):
        languages_of(["a"], ["en", "xx"])
    with pytest.raises(CallError):
        languages_of(["a"], [])


# -- topics ------------------------------------------------------------------------------------------
def test_the_longest_phrase_wins_then_the_weightier_then_the_first() -> None:
    words = thesaurus_of(
        [Entry("space", "en", "street"), Entry("light", "en", "street light", 1),
         Entry("road", "en", "road", 2),
         Entry("school", "en", "school"), Entry("light", "ru", "свет"), Entry("other", "en", "school"),
         Entry("empty", "en", "")],
        lambda text, _lang: text.casefold().split(),
    )  # fmt: skip
    assert words.languages == ("en", "ru")
    assert topic_of("no street light by the school road", ["en"], words) == "light"
    assert topic_of("school by the road", ["en"], words) == "road"
    assert topic_of("school in our street", ["en"], words) == "school"
    assert topic_of("нет свет", ["en"], words) == ""
    assert topic_of("нет свет", ["en", "ru", "xx"], words) == "light"


# -- waits -------------------------------------------------------------------------------------------
# Remission in weeks, Freireich et al. (1963), Blood 21, 699–716: 21 under 6-mercaptopurine, 21 under placebo.
DRUG = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
SEEN = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def test_the_curve_is_the_published_one() -> None:
    curve = kaplan_meier(DRUG, SEEN)
    assert curve.times.tolist() == [6, 7, 10, 13, 16, 22, 23]
    # Cox, D. R. & Oakes, D. (1984): Analysis of Survival Data, table of chapter 4
    assert curve.open == pytest.approx([0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448], abs=5e-4)
    drug, placebo = median_wait(DRUG, SEEN), median_wait(PLACEBO, np.ones(21, bool))
    assert (drug.median, drug.low, drug.high) == (23.0, 13.0, None)
    assert (placebo.median, placebo.worries, placebo.resolved) == (8.0, 21, 21)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30))
def test_without_open_ones_the_median_is_the_middle(days: list[int]) -> None:
    wait = median_wait(days, np.ones(len(days), bool))
    assert wait.median == sorted(days)[(len(days) - 1) // 2]
    assert wait.low is not None
    assert wait.low <= wait.median  # type: ignore[operator]


def test_open_worries_are_not_left_out() -> None:
    quick = median_wait([1, 2, 3], np.ones(3, bool))
    slow = median_wait([1, 2, 3, 90, 90, 90, 90], [True] * 3 + [False] * 4)
    assert quick.median == 2
    assert isinstance(slow.median, Undefined)
    assert slow.median.code == "half-open"
    assert median_wait([5.0], [False]).median.code == "nothing-resolved"  # type: ignore[union-attr]
    assert median_wait([], []).median.code == "nobody"  # type: ignore[union-attr]
    for bad in ([-1.0], [np.nan]):
        with pytest.raises(CallError):
            kaplan_meier(bad, [True])


# -- duplicates --------------------------------------------------------------------------------------
WORDS = "lamp broken school dark corner bench pothole deep road market noise night dog water pipe".split()


def _town(n: int, rng: np.random.Generator) -> Desk:
    texts = [" ".join(rng.choice(WORDS, 5)) for _ in range(n)]
    start = np.datetime64("2026-01-01", "s")
    return desk(
        n, texts=texts, received=start + rng.integers(0, 40 * 86_400, n).astype("timedelta64[s]"),
        lat=42.87 + rng.uniform(0, 0.01, n), lon=74.59 + rng.uniform(0, 0.01, n),
    )  # fmt: skip


def test_every_pair_that_the_slow_twin_finds_is_found() -> None:
    town = _town(150, np.random.default_rng(4))
    rules = Rules(metres=300, days=10, likeness=0.5)
    found = {(min(p.first, p.second), max(p.first, p.second)) for p in suggest(town, rules)}
    metres = 111_195.0
    wanted = set()
    every = desk(150, texts=town.texts, received=[town.received[0]] * 150, zones=["a"] * 150)
    alike = {
        (min(p.first, p.second), max(p.first, p.second)): p.likeness
        for p in _all_pairs(every)
    }  # fmt: skip
    for i, j in combinations(range(150), 2):
        dx = (town.lon[i] - town.lon[j]) * np.cos(np.radians((town.lat[i] + town.lat[j]) / 2))
        apart = metres * np.hypot(dx, town.lat[i] - town.lat[j])
        days = abs((town.received[i] - town.received[j]) / np.timedelta64(1, "D"))
        if apart <= 300 and days <= 10 and alike[i, j] >= 0.5 * (0.7 + 0.3 * apart / 300):
            wanted.add((i, j))
    assert len(wanted) > 5
    assert found == wanted


def _all_pairs(town: Desk) -> list[Any]:
    """Likeness of all pairs, by dense arithmetic on the same vectors."""
    from types import SimpleNamespace

    from isopolis.engage.worries.duplicates import _vectors

    vectors = _vectors(town.texts)
    alike = (vectors @ vectors.T).toarray()
    return [
        SimpleNamespace(first=i, second=j, likeness=float(alike[i, j]))
        for i, j in combinations(range(len(town)), 2)
    ]


def test_duplicates_by_text_place_and_time_and_across_languages() -> None:
    day = np.datetime64("2026-02-01T08:00:00", "s")
    some = desk(
        6,
        texts=["The lamp at the school is broken", "lamp by the school broken!",
               "The lamp at the school is broken",
               "The lamp at the school is broken", "Не работает фонарь у школы", ""],
        received=[day, day + 3600, day + 3600, day + 86_400 * 60, day + 7200, day],
        lat=[42.87, 42.8701, 42.99, 42.87, 42.8701, 42.87], lon=[74.59] * 6,
        languages=["en", "en", "en", "en", "ru", ""], topics=["light"] * 5 + [""],
    )  # fmt: skip
    pairs = suggest(some)
    assert {(p.first, p.second): p.by for p in pairs} == {(0, 1): "text", (0, 4): "topic", (1, 4): "topic"}
    assert pairs[0].by == "text"
    assert 5 < (pairs[0].metres or 0) < 20
    assert all(0 < p.score <= 1 and p.days >= 0 for p in pairs)
    assert groups_of(pairs, 6).tolist() == [0, 0, 2, 3, 0, 5]


def test_a_surge_does_not_make_the_work_grow_with_its_square() -> None:
    day = np.datetime64("2026-02-01", "s")
    n = 3000
    surge = desk(n, texts=["snow on the road"] * n, received=day + np.arange(n), zones=["a"] * n)
    pairs = suggest(surge)
    assert len(pairs) <= n * MOST
    assert len(set(groups_of(pairs, n).tolist())) == 1
    assert suggest(desk(2, texts=["a b c", "a b c"])) == ()  # neither place nor time
    assert suggest(desk(0)) == ()


# -- GeoReport ---------------------------------------------------------------------------------------
def test_rows_and_xml_of_georeport() -> None:
    some = desk(
        2, ids=["7", "8"], texts=["<script>alert(1)</script> & \x00 dark", "not registered"],
        topics=["light", "light"], received=["2026-02-01T08:00:00", "NaT"], lat=[42.876543, np.nan],
        lon=[74.591234, np.nan], registered=[True, False], resolved=[True, False],
        closed=["2026-02-02T08:00:00", "NaT"],
    )  # fmt: skip
    rows = request_rows(some, {"light": "street lighting"})
    assert [dict(r) for r in rows] == [
        {
            "service_request_id": "7", "status": "closed", "service_name": "street lighting",
            "service_code": "light", "description": "<script>alert(1)</script> & \x00 dark",
            "requested_datetime": "2026-02-01T08:00:00", "updated_datetime": "2026-02-02T08:00:00",
            "lat": 42.8765, "long": 74.5912,
        }
    ]  # fmt: skip
    tree = ET.fromstring(requests_xml(rows))
    assert tree.findtext("request/description") == "<script>alert(1)</script> & \ufffd dark"
    assert tree.findtext("request/lat") == "42.8765"
    assert "description" not in request_rows(some, {}, texts=False)[0]
    assert request_rows(some, {}, which=[1]) == ()
    listed = ET.fromstring(services_xml(service_rows({"light": "Licht & Lampen"})))
    assert (listed.findtext("service/service_name"), listed.findtext("service/metadata")) == (
        "Licht & Lampen", "false",
    )  # fmt: skip
    with pytest.raises(CallError):
        requests_xml([{"a b": 1}])
