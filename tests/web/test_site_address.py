"""How links in mails begin that no page sends: the setting `site`, or what `https` and `hosts` say."""

from __future__ import annotations

from typing import Any

import pytest

from isopolis.model import CallError
from isopolis.web.options import OPTIONS, site_of


@pytest.mark.parametrize(("said", "found"), [
    ({}, "http://localhost"),
    ({"hosts": "127.0.0.1,city.example"}, "http://city.example"),
    ({"hosts": ".city.example,localhost", "https": True}, "https://city.example"),
    ({"hosts": "*"}, "http://localhost"),
    ({"hosts": "a.example", "site": "https://x.example:8443/town/"}, "https://x.example:8443/town"),
])  # fmt: skip
def test_links_begin_with_the_address_of_the_site(said: dict[str, Any], found: str) -> None:
    assert site_of({o.name: o.default for o in OPTIONS} | said) == found


@pytest.mark.parametrize(
    "wrong", ["city.example", "ftp://city.example", "https://", "https://a b", "https://x?y"]
)
def test_an_address_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(CallError, match='"site"'):
        site_of({"site": wrong, "hosts": "", "https": True})
