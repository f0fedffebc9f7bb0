"""Sentences as data: English stays what it was, other languages say the same."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.model import Finding
from isopolis.model.text import (
    Number,
    capital,
    count,
    from_plain,
    from_tree,
    joint,
    listing,
    noted,
    phrase,
    phrases,
    said_in,
    split_lines,
    tidied,
    to_plain,
    to_tree,
    worded,
)


class Backwards:
    """A language whose words are English ones in capitals and whose numbers have points for commas."""

    def phrase(self, template: str) -> str:
        words = {
            "{part} of {group}": "{group}: {part}",
            "{first} and {last}": "{first} + {last}",
            "the group": "the CREW",
            "one\ntwo": "eins und zwei und\ndrei",
            "broken {x}": "no such {y}",
        }
        return words.get(template, template)

    def plural(self, one: str, more: str, n: float) -> str:
        return {"{n} zone": "{n} ZONE", "{n} zones": "{n} ZONES"}.get(one if n == 1 else more, more)

    def number(self, english: str) -> str:
        return english.replace(",", "_").replace(".", ",").replace("_", ".")


VOICE = Backwards()


def test_english_is_a_str() -> None:
    made = phrase("{part} of {group}", part=Number("23.4%"), group="women")
    assert made == "23.4% of women"
    assert hash(made) == hash("23.4% of women")
    assert json.dumps([made]) == '["23.4% of women"]'
    assert f"{made}!" == "23.4% of women!"


def test_another_order_in_another_language() -> None:
    made = phrase("{part} of {group}", part=Number("1,234.5"), group="Women of Testville")
    assert said_in(made, VOICE) == "Women of Testville: 1.234,5"


def test_what_has_no_translation_keeps_its_numbers() -> None:
    assert said_in(phrase("only {n} here", n=Number("1,200")), VOICE) == "only 1.200 here"


def test_a_broken_translation_falls_back() -> None:
    assert said_in(phrase("broken {x}", x="it"), VOICE) == "broken it"


def test_names_are_never_translated() -> None:
    assert said_in(phrase("{part} of {group}", part="x", group="the group"), VOICE) == "the group: x"
    inner = phrase("the group")
    assert said_in(phrase("{part} of {group}", part="x", group=inner), VOICE) == "the CREW: x"


def test_plurals() -> None:
    assert [str(phrases("{n} zone", "{n} zones", n)) for n in (0, 1, 1200)] == [
        "0 zones", "1 zone", "1,200 zones",
    ]  # fmt: skip
    assert said_in(phrases("{n} zone", "{n} zones", 1), VOICE) == "1 ZONE"
    assert said_in(phrases("{n} zone", "{n} zones", 1200), VOICE) == "1.200 ZONES"


def test_lists() -> None:
    assert listing([]) == ""
    assert listing(["a"]) == "a"
    assert listing(["a", "b", "c"]) == "a, b and c"
    assert listing(["a", "b"], "or") == "a or b"
    assert said_in(listing(["a", "b", "c"]), VOICE) == "a, b + c"


def test_joining_leaves_gaps_out() -> None:
    assert joint(("One.", "", "Two.")) == "One. Two."
    assert phrase("One.") + " Two." == "One. Two."
    assert "Zero. " + phrase("the group") == "Zero. the group"
    assert said_in("Zero. " + phrase("the group"), VOICE) == "Zero. the CREW"


def test_capitals_belong_to_the_sentence() -> None:
    made = capital(phrase("the group"))
    assert made == "The group"
    assert said_in(made, VOICE) == "The CREW"
    assert said_in(worded(phrase("the group"), "THE GROUP"), VOICE) == "the CREW"


def test_lines_of_a_drawing() -> None:
    first, second = split_lines(phrase("one\ntwo"))
    assert (first, second) == ("one", "two")
    assert [said_in(line, VOICE) for line in (first, second)] == ["eins und zwei und", "drei"]
    long = split_lines(phrase("a label that does not fit in a line"), 12)
    assert "".join(long).replace(" ", "") == "alabelthatdoesnotfitinaline"
    assert len([said_in(line, VOICE) for line in long]) == len(long)


def test_tidying_keeps_what_it_was_made_of() -> None:
    made = tidied(
        phrase("{part} of {group}", part=Number("2 %"), group="a\x00b"), lambda t: t.replace("\x00", "")
    )
    assert made == "2 % of ab"
    assert said_in(made, VOICE) == "ab: 2 %"


TEXTS: list[Any] = [
    phrase("{part} of {group}", part=Number("23.4%"), group="women"),
    phrases("{n} zone", "{n} zones", 7),
    joint((phrase("the group"), "name", count(1200)), " · "),
    capital(phrase("the group")),
    worded(phrase("the group"), "a group"),
    split_lines(phrase("one\ntwo"))[1],
    Number("−0.5"),
]


@pytest.mark.parametrize("made", TEXTS, ids=str)
@pytest.mark.parametrize(
    "through",
    [
        lambda t: from_plain(json.loads(json.dumps(to_plain(t)))),
        lambda t: from_tree(json.loads(json.dumps(to_tree({"x": [t]}))))["x"][0],
        lambda t: pickle.loads(pickle.dumps(t)),
        copy.deepcopy,
    ],
    ids=["json", "tree", "pickle", "copy"],
)
def test_there_and_back(made: Any, through: Any) -> None:
    again = through(made)
    assert again == made
    assert type(again) is type(made)
    assert said_in(again, VOICE) == said_in(made, VOICE)


@given(st.text(), st.text())
def test_any_name_survives(part: str, group: str) -> None:
    made = phrase("{part} of {group}", part=part, group=group)
    assert made == f"{part} of {group}"
    assert said_in(from_plain(json.loads(json.dumps(to_plain(made)))), VOICE) == f"{group}: {part}"


def test_words_of_a_drawing_are_noted() -> None:
    before = phrase("not noted")
    with noted() as seen:
        made = phrase("the group")
    phrase("nor this")
    assert seen == {"the group": made}
    assert before not in seen


def test_a_finding_with_texts_equals_one_without() -> None:
    plain = Finding("dissimilarity", 0.5, explanation="the group", caveats=("the group",))
    made = Finding("dissimilarity", 0.5, explanation=phrase("the group"), caveats=(phrase("the group"),))
    assert made == plain
    assert made.to_json() == plain.to_json()
    assert Finding.from_dict(json.loads(made.to_json())) == made
    assert said_in(pickle.loads(pickle.dumps(made)).explanation, VOICE) == "the CREW"
