"""Django's settings, made from the table in `options`. Reading them writes nothing."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from isopolis.web import languages
from isopolis.web.database import database_from
from isopolis.web.operate.logs import logging_settings
from isopolis.web.options import oidc_provider, read_options, site_of

OPTIONS = read_options()
HERE = Path(__file__).resolve().parent
DATA_DIR: Path = OPTIONS["data"]
_key_file = DATA_DIR / "secret_key"
SECRET_KEY = OPTIONS["secret_key"] or (
    _key_file.read_text(encoding="utf-8").strip() if _key_file.is_file() else ""
)
DEBUG = OPTIONS["debug"]
ALLOWED_HOSTS = [h.strip() for h in OPTIONS["hosts"].split(",") if h.strip()]
ROOT_URLCONF = "isopolis.web.urls"
WSGI_APPLICATION = "isopolis.web.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "isopolis.web.accounts",
    "isopolis.web.audit",
    "isopolis.web.workspaces",
    "isopolis.web.datasets",
    "isopolis.web.work",
    "isopolis.web.diagnoses",
    "isopolis.web.explore",
    "isopolis.web.publish",
    "isopolis.web.api",
    "isopolis.web.modules",
    "isopolis.web.participation",
    "isopolis.web.ballots",
    "isopolis.web.modules.comments",
    "isopolis.web.modules.consultation",
    "isopolis.web.modules.assembly",
    "isopolis.web.modules.surveys",
    "isopolis.web.modules.worries",
    "isopolis.web.modules.opinions",
    "isopolis.web.modules.budget",
    "isopolis.web.partnerships",
    "isopolis.web.vocabulary",
    "isopolis.web.library",
    "isopolis.web.peers",
    "isopolis.web.plans",
    "isopolis.web.frames",
    "isopolis.web.exchanges",
    "isopolis.web.operate",
    "isopolis.web.equality",
    "isopolis.web.protect",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "isopolis.web.accounts.oidc",
]
MIDDLEWARE = [
    "isopolis.web.operate.requests.observed",
    "isopolis.web.security.headers",
    "isopolis.web.security.programs_use_tls",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "isopolis.web.security.body_limit",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "isopolis.web.idle.idle",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "isopolis.web.accounts.language.preferred",
    "isopolis.web.languages.fall_back",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "isopolis.web.security.site",
                "isopolis.web.languages.language_notice",
            ]
        },
    }
]

# -- data -------------------------------------------------------------------------------
DATABASES = {"default": database_from(OPTIONS["database_url"], DATA_DIR)}
if OPTIONS["equality_url"]:
    DATABASES["equality"] = database_from(OPTIONS["equality_url"], DATA_DIR)
DATABASE_ROUTERS = ["isopolis.web.equality.routing.EqualityRouter"]
# counts of tries must be the same for every worker process
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "isopolis_cache",
        # with few entries somebody could push out the count of wrong passwords by making other entries
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FILES = OPTIONS["upload_files"]

# -- languages ----------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = list(languages.NAMES.items())
LANGUAGES_BIDI = sorted(languages.RIGHT_TO_LEFT)
LOCALE_PATHS = [HERE / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

# -- files that browsers get ----------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [HERE / "static"]
STATIC_ROOT = None  # whitenoise serves them from the packages
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_ALLOW_ALL_ORIGINS = False  # fonts and scripts are for our own pages
WHITENOISE_MAX_AGE = 3600

# -- accounts --------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["isopolis.web.accounts.backends.Accounts"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "isopolis.web.passwords.GuessableValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "isopolis.web.accounts.adapter.Adapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
# without a mail server nobody could answer the mail
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if OPTIONS["email_url"] else "none"
ACCOUNT_PREVENT_ENUMERATION = True
# other sessions end, since their hash no longer fits; the one that changed it stays
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_FORMS = {
    "signup": "isopolis.web.accounts.email_forms.SignUpForm",
    "add_email": "isopolis.web.accounts.email_forms.NewEmailForm",
}
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if OPTIONS["https"] else "http"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Isopolis"
# where no mail server is set no address can be verified, and a second factor must be possible all the same
MFA_ALLOW_UNVERIFIED_EMAIL = not OPTIONS["email_url"]
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not OPTIONS["https"]
MFA_ADAPTER = "isopolis.web.accounts.adapter.FactorAdapter"
SOCIALACCOUNT_ADAPTER = "isopolis.web.accounts.oidc.adapter.StaffAdapter"
SOCIALACCOUNT_PROVIDERS = oidc_provider(OPTIONS)
SOCIALACCOUNT_EMAIL_AUTHENTICATION = SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"  # the adapter takes verified addresses only
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_REQUESTS_TIMEOUT = 10

# -- mail ----------------------------------------------------------------------------------------
DEFAULT_FROM_EMAIL = OPTIONS["email_from"]
SITE = site_of(OPTIONS)
_mail = urlsplit(OPTIONS["email_url"])
if _mail.scheme in ("smtp", "smtps"):
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = _mail.hostname or "localhost", _mail.port or 587
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
    EMAIL_USE_SSL = _mail.scheme == "smtps"
    EMAIL_USE_TLS = not EMAIL_USE_SSL and bool(EMAIL_HOST_USER)
    EMAIL_TIMEOUT = 20
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA_DIR / "mail"

# -- security ------------------------------------------------------------------------------------
CSRF_FAILURE_VIEW = "isopolis.web.errors.csrf_failure"
SESSION_ENGINE = "isopolis.web.sessions"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
MESSAGE_STORAGE = "isopolis.web.notices.NoticeStorage"
LANGUAGE_COOKIE_HTTPONLY, LANGUAGE_COOKIE_SAMESITE = True, "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if OPTIONS["https"]:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^(health|metrics)$"]
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    LANGUAGE_COOKIE_NAME, LANGUAGE_COOKIE_SECURE = "__Host-language", True
    SECURE_HSTS_SECONDS, SECURE_HSTS_INCLUDE_SUBDOMAINS = 365 * 24 * 3600, True
if OPTIONS["proxy"]:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if OPTIONS["proxy"] else 0

LOGGING = logging_settings(OPTIONS["log_format"], OPTIONS["log_requests"])
