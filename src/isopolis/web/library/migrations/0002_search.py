"""The tables of the search beside the library; their content can be made anew at any time."""

from __future__ import annotations

from typing import Any

from django.db import migrations


def make(apps: Any, schema_editor: Any) -> None:
    """Make the tables, in the database of the library only."""
    from isopolis.learn.search import Index

    connection = schema_editor.connection
    if connection.alias == "default":
        Index(connection, connection.vendor, "library_search", marks="%s").create_tables()


def drop(apps: Any, schema_editor: Any) -> None:
    """Take them away."""
    from isopolis.learn.search import Index

    connection = schema_editor.connection
    if connection.alias == "default":
        Index(connection, connection.vendor, "library_search", marks="%s").drop_tables()


class Migration(migrations.Migration):
    """Makes them."""

    dependencies = [("library", "0001_initial")]
    operations = [migrations.RunPython(make, drop)]
