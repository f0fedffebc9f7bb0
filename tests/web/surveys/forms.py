"""Workbooks of forms, and ways through them; example data, not of a real place."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from django.test import Client
from openpyxl import Workbook

HEAD = (
    "type", "name", "label::English (en)", "label::العربية (ar)", "hint::English (en)", "relevant",
    "constraint", "constraint_message::English (en)",
    "constraint_message::العربية (ar)", "required", "randomised",
)  # fmt: skip
QUESTIONS = (
    ("select_one birthplace", "birthplace", "Where were you born?", "أين ولدت؟", {"required": "yes"}),
    ("integer", "age", "How old are you?", "كم عمرك؟", {
        "constraint": ". >= 14 and . < 120", "constraint_message::English (en)": "From 14 to 119 years.",
        "constraint_message::العربية (ar)": "من 14 إلى 119 سنة.",
    }),
    ("select_multiple ways", "ways", "How do you get around?", "كيف تتنقل؟", {
        "hint::English (en)": "Last week",
    }),
    ("text", "bus", "What would make the bus better?", "ما الذي يحسن الحافلة؟", {
        "relevant": "selected(${ways}, 'bus')",
    }),
    ("select_one yn", "ill", "Do you have a long illness?", "هل لديك مرض طويل؟", {}),
    ("select_one yn", "fare", "Did you ever ride without a ticket?", "هل ركبت بلا تذكرة؟", {
        "randomised": "forced 1/6 1/6",
    }),
)  # fmt: skip
SURVEY: list[tuple[Any, ...]] = [HEAD, *((*q[:4], *(q[4].get(h, "") for h in HEAD[4:])) for q in QUESTIONS)]
CHOICES = [
    ("list_name", "name", "label::English (en)", "label::العربية (ar)"),
    ("birthplace", "here", "Here", "هنا"),
    ("birthplace", "abroad", "Abroad", "في الخارج"),
    ("ways", "foot", "On foot", "مشيا"),
    ("ways", "bus", "By bus", "بالحافلة"),
    ("yn", "yes", "Yes", "نعم"),
    ("yn", "no", "No", "لا"),
]
SETTINGS = [("form_title", "version"), ("Getting around", "1")]


def book(
    survey: Sequence[Any] = SURVEY, choices: Sequence[Any] = CHOICES, settings: Sequence[Any] = SETTINGS
) -> bytes:
    """Return a workbook."""
    made = Workbook()
    made.remove(made.active)
    for name, rows in (("survey", survey), ("choices", choices), ("settings", settings)):
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append([None if cell == "" else cell for cell in row])
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


PAGES: list[Mapping[str, Any]] = [
    {"a-birthplace": "here", "a-age": "33", "a-ways": ["bus", "foot"]},
    {"a-bus": "More of them", "a-ill": "no", "a-fare": "yes"},
]


def walk(
    client: Client, home: str, language: str = "English (en)", pages: Sequence[Mapping[str, Any]] = PAGES
) -> str:
    """Go through the form to its last page; return the address there."""
    step = client.post(f"{home}start/", {"language": language})["Location"]
    for given in pages:
        assert "/page/" in step, step
        answered = client.post(step, given)
        assert answered.status_code == 302, answered.content.decode()[-3000:]
        step = answered["Location"]
        assert "again" not in step, client.get(step).content.decode()
    return str(step)
