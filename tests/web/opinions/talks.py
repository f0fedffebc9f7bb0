"""Conversations for tests: example data, not a real place."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from django.test import Client

from isopolis.web.modules.models import Module
from isopolis.web.modules.opinions.models import (
    About,
    Conversation,
    Statement,
    Vote,
    Voter,
)

SEEDS = [f"Example statement number {i}: more of it." for i in range(12)]
CENSUS = (
    b"attribute,value,count\nage,young,400\nage,middle,500\nage,old,300\nplace,north,600\nplace,south,600\n"
)


def hidden(page: Any, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.content.decode())
    return found[1] if found else ""


def say(client: Client, module: Module, choice: str, **more: str) -> Any:
    """Vote on the statement that the page asks about."""
    page = client.get(module.get_absolute_url())
    data = {n: hidden(page, n) for n in ("statement", "sign", "later")}
    return client.post(f"{module.get_absolute_url()}vote/", data | {"choice": choice} | more)


def town(talk: Conversation, n: int = 60, traits: bool = False) -> None:
    """Two camps of voters who disagree on even statements and all agree on odd ones."""
    rows = list(Statement.objects.filter(conversation=talk).order_by("number"))
    people = Voter.objects.bulk_create(Voter(conversation=talk) for _ in range(n))
    rng = np.random.default_rng(n)
    Vote.objects.bulk_create(
        Vote(voter=p, statement=s, value=(1 if s.number % 2 or i % 2 else -1) if rng.random() < 0.9 else 0)
        for i, p in enumerate(people)
        for s in rows
    )
    if traits:
        ages = ["young"] * 24 + ["middle"] * 32 + ["old"] * 4
        About.objects.bulk_create(
            About(voter=p, traits={"age": age, "place": "north" if i % 3 else "south"})
            for i, (p, age) in enumerate(zip(people, ages[:n], strict=True))
        )
