"""What the tables of libraries keep about people: Django's sessions, allauth's addresses and factors."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .register import Erase, Record

__all__ = ["RECORDS"]

_signing_in = _("to let you, and nobody else, into your account")

RECORDS = [
    Record(
        "account.EmailAddress",
        _("your e-mail addresses"),
        purpose=_signing_in,
        basis="service",
        keep="account",
        people="accounts",
        seen_by="operators",
        owners={"user": Erase.DELETE, "email": Erase.DELETE},
        names=("email",),
        personal={"user": _("account"), "email": _("e-mail address")},
    ),
    Record(
        "account.EmailConfirmation",
        _("links that confirm an address"),
        purpose=_signing_in,
        basis="service",
        keep="account",
        people="accounts",
        seen_by="nobody",
        owners={"email_address__user": Erase.DELETE},
        secret=("key",),
        personal={"created": _("made"), "sent": _("sent"), "key": _("key of the link")},
    ),
    Record(
        "mfa.Authenticator",
        _("your second factors and passkeys"),
        purpose=_signing_in,
        basis="service",
        keep="account",
        people="accounts",
        seen_by="nobody",
        owners={"user": Erase.DELETE},
        secret=("data",),
        personal={
            "user": _("account"),
            "type": _("kind"),
            "data": _("secret of the factor"),
            "created_at": _("set up"),
            "last_used_at": _("last used"),
        },
    ),
    Record(
        "sessions.Session",
        _("being signed in"),
        purpose=_("to keep you signed in while you use the site"),
        basis="service",
        keep="session",
        people="accounts",
        seen_by="nobody",
        secret=("session_data", "session_key"),
        found="by reading whose session it is",
        personal={
            "session_key": _("key in your cookie"),
            "session_data": _("whose session it is"),
            "expire_date": _("end"),
        },
    ),
    Record(
        "socialaccount.SocialAccount",
        _("your sign-in with your organisation"),
        purpose=_signing_in,
        basis="service",
        keep="account",
        people="staff",
        seen_by="operators",
        owners={"user": Erase.DELETE},
        personal={
            "user": _("account"),
            "provider": _("organisation's sign-in service"),
            "uid": _("your number there"),
            "last_login": _("last used"),
            "date_joined": _("first used"),
            "extra_data": _("what the service said about you"),
        },
    ),
    Record(
        "socialaccount.SocialToken",
        _("token of your organisation's sign-in"),
        purpose=_signing_in,
        basis="service",
        keep="account",
        people="staff",
        seen_by="nobody",
        owners={"account__user": Erase.DELETE},
        secret=("token", "token_secret"),
        personal={"token": _("token"), "token_secret": _("secret of the token"), "expires_at": _("end")},
    ),
    Record("socialaccount.SocialApp", "", other={"*": "settings of a sign-in service, about nobody"}),
    Record(
        "usersessions.UserSession",
        _("where you are signed in"),
        purpose=_signing_in,
        basis="security",
        keep="session",
        people="accounts",
        seen_by="nobody",
        owners={"user": Erase.DELETE},
        secret=("session_key",),
        personal={
            "user": _("account"),
            "created_at": _("signed in"),
            "ip": _("network address"),
            "last_seen_at": _("last seen"),
            "session_key": _("key in your cookie"),
            "user_agent": _("browser"),
            "data": _("details of the device"),
        },
    ),
    Record("auth.Permission", "", other={"*": "names of permissions, unused"}),
    Record("auth.Group", "", other={"*": "names of groups, unused"}),
    Record("contenttypes.ContentType", "", other={"*": "names of tables"}),
]
