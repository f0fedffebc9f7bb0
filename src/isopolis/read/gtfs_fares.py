"""What boarding a line costs, where a feed says so without doubt.

Source: GTFS Schedule Reference, fare_attributes.txt and fare_rules.txt (version 1), fare_products.txt
and fare_leg_rules.txt (version 2).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from isopolis.model.text import listing, phrase, phrases

from .gtfs_files import Column, Feed, Table, note
from .gtfs_trips import Routes

__all__ = ["fares"]

Floats = npt.NDArray[np.float64]
_ZONES = ("origin_id", "destination_id", "contains_id")
_LEG_ZONES = ("from_area_id", "to_area_id", "from_timeframe_group_id", "to_timeframe_group_id")
Price = tuple[float, str]


def fares(feed: Feed, routes: Routes) -> tuple[Floats, str]:
    """Price of one boarding of each line, alone and without a pass.

    Parameters
    ----------
    feed : Feed
    routes : Routes

    Returns
    -------
    price : (L,) array
        NaN where the feed says nothing or leaves more than one price.
    currency : str
        ISO 4217 code; "" where there is none.
    """
    if "fare_attributes.txt" in feed:
        options = _version_1(feed, routes)
    elif "fare_products.txt" in feed and "fare_leg_rules.txt" in feed:
        options = _version_2(feed, routes)
    else:
        return np.full(len(routes.ids), np.nan), ""
    used: dict[str, int] = {}
    for prices in options:
        for currency in {c for _, c in prices}:
            used[currency] = used.get(currency, 0) + 1
    currency = max(sorted(used), key=lambda c: used[c]) if used else ""
    if len(used) > 1:
        feed.problems.caveat(
            "currencies",
            phrase("fares are in different currencies: {names}; only those in {chosen} count",
                   names=listing(sorted(used)), chosen=currency),
            file=feed.file,
        )  # fmt: skip
    out = np.full(len(routes.ids), np.nan)
    for r, prices in enumerate(options):
        if len(prices) == 1 and next(iter(prices))[1] == currency:
            out[r] = next(iter(prices))[0]
    unclear = sum(len(p) > 1 for p in options)
    if unclear:
        feed.problems.caveat(
            "fare-unclear",
            phrases("the fare of {n} line depends on zones, tickets or riders, and counts as not known",
                    "the fares of {n} lines depend on zones, tickets or riders, and count as not known",
                    unclear),
            file=feed.file, count=unclear,
        )  # fmt: skip
    return out, currency


def _prices(feed: Feed, table: Table, amount: str, currency: str) -> dict[int, Price]:
    """Price of each row that can be read."""
    given: Column = table.column(amount)
    price = given.each(_price, np.float64)
    note(
        feed.problems, table, "bad-price", phrase("this is not a price; the fare counts as not known"),
        np.isnan(price), column=amount, rule=phrase("a number, 0 or more, with a point before the cents"),
    )  # fmt: skip
    names = table.column(currency).text
    rows = np.flatnonzero(~np.isnan(price)).tolist()
    return {r: (float(price[r]), str(names[r])) for r in rows}


def _price(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return np.nan
    return value if 0 <= value < 1e9 else np.nan


def _version_1(feed: Feed, routes: Routes) -> list[set[Price]]:
    table = feed.table(
        "fare_attributes.txt", ("fare_id", "price", "currency_type"), ("agency_id", "transfers"),
    )  # fmt: skip
    none: list[set[Price]] = [set() for _ in routes.ids]
    if table is None:
        return none
    price = _prices(feed, table, "price", "currency_type")
    moves = table.column("transfers").each(lambda v: v != "0", bool)
    note(
        feed.problems, table, "ticket-for-changes", phrase("a ticket is good for changes too"), moves,
        column="transfers", hint=phrase("Here each boarding costs its fare, so journeys may cost less."),
    )  # fmt: skip
    ids, agency = table.column("fare_id").text.tolist(), table.column("agency_id").text.tolist()
    general, special = _rules(feed)
    whole = {c for c in ids if c not in {f for f, _ in general | special}}
    options = none
    for r, fare in enumerate(ids):
        for line, name in enumerate(routes.ids.tolist()):
            if agency[r] and routes.agency[line] and agency[r] != routes.agency[line]:
                continue
            if fare in whole or (fare, name) in general or (fare, "") in general:
                options[line].add(price.get(r, (np.nan, "")))
            elif (fare, name) in special or (fare, "") in special:
                # it holds between some zones only: even alone it is not the price of every boarding
                options[line] |= {price.get(r, (np.nan, "")), (np.nan, "")}
    return [{p for p in prices if p[1]} | _doubt(prices) for prices in options]


def _doubt(prices: set[Price]) -> set[Price]:
    """A second, impossible price where one of several is not known."""
    return {(-1.0, p[1]) for p in prices if p[1]} if any(not p[1] for p in prices) else set()


def _rules(feed: Feed) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Fare and line of each rule without zones, and of each with them; "" for every line."""
    table = feed.table("fare_rules.txt", ("fare_id",), ("route_id", *_ZONES))
    if table is None:
        return set(), set()
    zoned = np.zeros(table.rows, dtype=bool)
    for name in _ZONES:
        zoned |= ~table.column(name).empty
    fare, route = table.column("fare_id").text, table.column("route_id").text
    pairs = list(zip(fare.tolist(), route.tolist(), zoned.tolist(), strict=True))
    return {(f, r) for f, r, z in pairs if not z}, {(f, r) for f, r, z in pairs if z}


def _version_2(feed: Feed, routes: Routes) -> list[set[Price]]:
    products = feed.table(
        "fare_products.txt", ("fare_product_id", "amount", "currency"), ("rider_category_id",)
    )
    rules = feed.table("fare_leg_rules.txt", ("fare_product_id",), ("network_id", *_LEG_ZONES))
    options: list[set[Price]] = [set() for _ in routes.ids]
    if products is None or rules is None:
        return options
    price = _prices(feed, products, "amount", "currency")
    everybody = _riders(feed)
    rider = products.column("rider_category_id").text.tolist()
    by_product: dict[str, set[Price]] = {}
    for r, name in enumerate(products.column("fare_product_id").text.tolist()):
        if rider[r] in everybody:
            by_product.setdefault(name, set()).add(price.get(r, (np.nan, "")))
    zoned = np.zeros(rules.rows, dtype=bool)
    for name in _LEG_ZONES:
        zoned |= ~rules.column(name).empty
    named = _networks(feed, routes)
    told = set(rules.column("network_id").text.tolist())
    for product, network, some in zip(
        rules.column("fare_product_id").text.tolist(), rules.column("network_id").text.tolist(),
        zoned.tolist(), strict=True,
    ):  # fmt: skip
        for line in range(len(options)):
            # an empty network means every line that no other rule names
            if network == named[line] if network else named[line] not in told - {""}:
                options[line] |= by_product.get(product, set()) | ({(np.nan, "")} if some else set())
    return [{p for p in prices if p[1]} | _doubt(prices) for prices in options]


def _riders(feed: Feed) -> set[str]:
    """Categories of riders that stand for everybody: none, or the one that is said to be the usual one."""
    table = feed.table("rider_categories.txt", ("rider_category_id",), ("is_default_fare_category",))
    if table is None:
        return {""}
    usual = table.column("is_default_fare_category").each(lambda v: v == "1", bool)
    return {"", *table.column("rider_category_id").text[usual].tolist()}


def _networks(feed: Feed, routes: Routes) -> list[str]:
    table = feed.table("route_networks.txt", ("network_id", "route_id"))
    if table is None:
        return [str(n) for n in routes.network.tolist()]
    said = dict(zip(table.column("route_id").text.tolist(), table.column("network_id").text.tolist(),
                    strict=True))  # fmt: skip
    return [str(said.get(name, "")) for name in routes.ids.tolist()]
