"""People who can sign in, and links that sign them in once."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

__all__ = ["SignInLink", "User"]


class UserManager(BaseUserManager):
    """Makes accounts; the e-mail address is the name."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Make an account; without a password it can be entered by link or reset only."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, email: str | None) -> User:
        """Find an account whatever the case of its address."""
        return self.get(email__iexact=email)


class User(AbstractBaseUser):
    """An account. What it may do depends on its memberships, not on the account."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name shown to others"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    is_active = models.BooleanField(default=True)
    is_admin = models.BooleanField(
        default=False, help_text=_("May create workspaces where others may not; sees no workspace by this.")
    )
    joined_at = models.DateTimeField(default=timezone.now)

    objects = UserManager()
    USERNAME_FIELD = EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    def __str__(self) -> str:
        return self.name or self.email


class SignInLink(models.Model):
    """A link that signs one account in, once. Only a hash of it is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE)
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
