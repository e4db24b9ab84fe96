"""Django settings. What an office may set comes from the environment (docs/operations.md); the rest is the product's."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from csp.constants import NONE, SELF

from bangfu.foundation.home import home
from bangfu.foundation.packages import packages
from bangfu.foundation.postgres.dsn import connection_settings
from bangfu.foundation.postgres.places import write_private
from bangfu.web.phones import served

HERE = Path(__file__).resolve().parent
PROCESS = os.environ.get("BANGFU_PROCESS", "owner")  # `web`: this process holds the web role's connection only


def _secret(name: str) -> str:
    """A secret of this installation, made at first use and kept beside the keys."""
    place = home().make().keys / name
    if not place.exists() or not place.stat().st_size:  # a file without a word is what a full disk leaves
        write_private(place, secrets.token_urlsafe(48))
    return place.read_text("utf-8", errors="backslashreplace").strip()


SECRET_KEY = os.environ.get("BANGFU_SECRET_KEY") or _secret("web.secret")
DEBUG = False
SERVED = served.of_this_process()
DOOR = bool(os.environ.get(served.DOOR_VARIABLE))  # this process answers plain HTTP beside HTTPS
ALLOWED_HOSTS = os.environ.get("BANGFU_HOSTS", "127.0.0.1,localhost,[::1]").split(",") + (SERVED.hosts if SERVED else [])
INTERNAL_IPS: list[str] = []

INSTALLED_APPS = [
    *packages(),
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "procrastinate.contrib.django",
    "django_typer",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "bangfu.kit.serving.StaticFilesMiddleware",
    "csp.middleware.CSPMiddleware",
    "bangfu.web.middleware.DoorMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "bangfu.web.middleware.CountyMiddleware",
    "bangfu.web.middleware.TextMiddleware",
    "bangfu.web.addresses.AddressMiddleware",
    "bangfu.web.middleware.InAppMiddleware",
    "bangfu.accounts.middleware.ActingMiddleware",
    "bangfu.web.middleware.ProblemMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "bangfu.web.urls"
WSGI_APPLICATION = "bangfu.web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "bangfu.web.context.page",
            ],
            "builtins": ["bangfu.kit.templatetags.kit"],
        },
    }
]

if PROCESS == "web":
    DATABASES = {"default": connection_settings("web", pool={"min_size": 1, "max_size": 4, "timeout": 30})}
else:
    DATABASES = {"default": connection_settings("owner")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["bangfu.accounts.entering.Backend"]
SESSION_ENGINE = "bangfu.accounts.sessions"
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name")},
    },
]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
USE_I18N = True
TIME_ZONE = os.environ.get("BANGFU_TIME_ZONE", "Asia/Shanghai")
USE_TZ = True
BANGFU_GROUPING = "thousands"  # said even where it is what holds anyway: Django looks long for a setting that is not there

STATIC_URL = "/static/"
STATIC_ROOT = home().make().static  # empty: files are served from the packages; an office may collect them for its own server
WHITENOISE_USE_FINDERS = True
WHITENOISE_IMMUTABLE_FILE_TEST = r"/dist/.+-[\w-]{8,}\.\w+$"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF, "'unsafe-inline'"],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF, "data:"],
        "media-src": [SELF, "blob:"],
        "connect-src": [SELF],
        "worker-src": [SELF, "blob:"],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}
# On plain pages of a network browsers pass over it and complain.
SECURE_CROSS_ORIGIN_OPENER_POLICY = None if SERVED and (DOOR or not SERVED.secure) and SERVED.lan else "same-origin"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "bangfu.web.errors.stale_form"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_HTTPONLY = False
if SERVED and SERVED.secure:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    # Cookies know no ports: under names of their own they neither take nor hinder those of plain pages on the same machine.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    # A browser keeps the port when it goes to HTTPS by itself: on any but the usual ones our plain pages would be lost to it.
    if not SERVED.own and (SERVED.port, SERVED.door) == (443, 80):
        SECURE_HSTS_SECONDS = 30 * 24 * 3600
UPLOAD_MB = int(os.environ.get("BANGFU_UPLOAD_MB", "200"))
FILE_UPLOAD_TEMP_DIR = home().make().tmp  # what is handed in never lies in a folder that others read
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "bangfu.foundation.hiding.HidingFormatter", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    },
    "filters": {"briefly": {"()": "bangfu.foundation.failures.Briefly"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["briefly"]}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("BANGFU_LOG", "WARNING")},
}
SILENCED_SYSTEM_CHECKS: list[str] = []
DT_RICH_TRACEBACK_CONFIG = None  # a trace with local values would print personal data
