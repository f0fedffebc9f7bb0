"""The form that erases an account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

__all__ = ["EraseForm"]


class EraseForm(forms.Form):
    """Asks for the own address, so that no slip of the finger erases an account."""

    email = forms.CharField(label=gettext_lazy("Your e-mail address, to confirm"), max_length=254)
    close = forms.BooleanField(
        label=gettext_lazy(
            "Workspaces in which I am the only member go too, with all their files and findings"
        ),
        required=False,
    )

    def __init__(self, account: Any, *args: Any) -> None:
        super().__init__(*args)
        self.account = account

    def clean_email(self) -> str:
        """Compare with the account's own."""
        said: str = self.cleaned_data["email"].strip()
        if said.lower() != self.account.email.lower():
            raise forms.ValidationError(_("This is not the address of your account."))
        return said
