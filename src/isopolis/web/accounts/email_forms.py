"""Forms of allauth in which an address of staff is refused."""

from __future__ import annotations

from allauth.account.forms import AddEmailForm, SignupForm

from .adapter import refuse_staff

__all__ = ["NewEmailForm", "SignUpForm"]


class SignUpForm(SignupForm):
    """Sign-up by password, for everybody but staff."""

    def clean_email(self) -> str:
        """Refuse addresses that have their own way in, before anything about accounts is looked up."""
        refuse_staff(str(self.cleaned_data.get("email") or ""))
        cleaned: str = super().clean_email()
        return cleaned


class NewEmailForm(AddEmailForm):
    """Another address."""

    def clean_email(self) -> str:
        """Refuse addresses of staff: they would lock whoever takes one out."""
        refuse_staff(str(self.cleaned_data.get("email") or ""))
        cleaned: str = super().clean_email()
        return cleaned
