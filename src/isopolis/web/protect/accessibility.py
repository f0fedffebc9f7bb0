"""What the accessibility statement says: how it was tested, and what is known not to work."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

__all__ = ["LIMITS", "STANDARD", "TESTED"]

STANDARD = "WCAG 2.2 AA, EN 301 549"
TESTED = (
    _("Automatic checks of the pages with the rules of WCAG 2.2 AA, as part of the program's own tests."),
    _("Whole tasks with the keyboard only: sign up, upload, correct, read."),
    _("Screens of 320 pixels, and text at 400 %."),
    _("Every task with JavaScript switched off."),
    _("A language written from right to left."),
)
LIMITS = (
    _("Maps are drawings. The same numbers stand in a table beside each map."),
    _("Drawings of many groups use colours; each one is also named in words and in the table."),
    _("Files that a city uploads or links to may not be accessible. Ask the city for another form."),
    _("No test with people who use screen readers every day has been made yet. Tell us what you meet."),
)
