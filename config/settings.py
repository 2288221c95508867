"""Settings of the whole application, read from the environment.

| Variable | Meaning |
|---|---|
| `AUTOCHROME_DATA` | the data folder; the platform's own place by default |
| `DATABASE_URL` | the catalogue on PostgreSQL; SQLite in the data folder by default |
| `MONGODB_URI` | a MongoDB server of your own; a private one by default |
| `AUTOCHROME_DEVICE` | `auto`, `cpu`, `cuda` or `mps` |
| `AUTOCHROME_ENGINE` | what runs the models: `auto`, `torch` or `onnxruntime` |
| `AUTOCHROME_TAGGERS` | the models that suggest tags; `lite2-tags,lite0-terms` |
| `AUTOCHROME_GALLERY` | false: forbids the public gallery, whatever the pages say |
| `AUTOCHROME_HOSTS` | host names besides this machine's own, with commas between |
| `AUTOCHROME_ORIGINS` | addresses that forms may come from: `https://archive.example` |
| `AUTOCHROME_DEPLOY` | true: HTTPS only, for a server that others reach |
| `AUTOCHROME_PROXY` | true: a proxy in front sets `X-Forwarded-Proto` |
| `AUTOCHROME_STATIC` | a folder that `collectstatic` fills for another web server |
| `AUTOCHROME_CACHE_GB` | how much the tiles of the zooming viewer may take; 4 |
| `AUTOCHROME_TIME_ZONE` | a zone's name, such as `Europe/London`; UTC by default |
| `AUTOCHROME_DEBUG` | true: Django's own error pages, for those who work on the code |
"""

from pathlib import Path
from typing import Any

import django_stubs_ext
import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config import api_settings, places

# Lets forms and admin pages name their model in their type: `ModelForm[Collection]`.
django_stubs_ext.monkeypatch()

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent

# The data folder.
DATA_DIR = places.data_dir()
try:
    SECRET_KEY = places.secret_key(DATA_DIR)
    places.make_folders(DATA_DIR)
except OSError as error:
    raise ImproperlyConfigured(
        f"The data folder {DATA_DIR} cannot be used: {error.strerror or error}. Choose "
        "another with --data or AUTOCHROME_DATA, or make room on the disk."
    ) from error
MASTERS_DIR = DATA_DIR / "masters"
DERIVATIVES_DIR = DATA_DIR / "derivatives"
INCOMING_DIR = DATA_DIR / "incoming"
TILE_CACHE_BYTES = round(env.float("AUTOCHROME_CACHE_GB", default=4.0) * 1e9)

# What goes out.
GALLERY_ALLOWED = env.bool("AUTOCHROME_GALLERY", default=True)

# What comes in.
UPLOAD_MAX_BYTES = 1024**3
PICTURE_MAX_PIXELS = 200_000_000
FILE_UPLOAD_TEMP_DIR = str(INCOMING_DIR)
DATA_UPLOAD_MAX_NUMBER_FILES = 1000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# The machine vision.
DEVICE = env.str("AUTOCHROME_DEVICE", default="auto")
TAGGERS: list[str] = env.list(
    "AUTOCHROME_TAGGERS", default=["lite2-tags", "lite0-terms"]
)
ARCHIVE_ENQUEUE = "colorizer.queues.enqueue_light"

DEBUG = env.bool("AUTOCHROME_DEBUG", default=False)
DEPLOY = env.bool("AUTOCHROME_DEPLOY", default=False)
ALLOWED_HOSTS = [
    "localhost",
    "127.0.0.1",
    "[::1]",
    *env.list("AUTOCHROME_HOSTS", default=[]),
]
CSRF_TRUSTED_ORIGINS: list[str] = env.list("AUTOCHROME_ORIGINS", default=[])

INSTALLED_APPS = [
    "archive",
    "colorizer",
    "colorizer.results",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "rest_framework.authtoken",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "django_q",
    "treebeard",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "archive.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# The catalogue, and the documents of the machine's drafts.
# SQLite with Django's defaults loses writes under several workers; with these none.
SQLITE_OPTIONS: dict[str, Any] = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}


def sqlite_database(path: Path) -> dict[str, Any]:
    """Return the settings of an SQLite database that several processes share."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": dict(SQLITE_OPTIONS),
    }


def mongodb_database(uri: str) -> dict[str, Any]:
    """Return the settings of the MongoDB database that an address names."""
    return {
        "ENGINE": "django_mongodb_backend",
        "HOST": uri,
        "NAME": environ.urlparse(uri).path.strip("/") or "autochrome",
        "OPTIONS": {"journal": True, "serverSelectionTimeoutMS": 3000},
    }


def catalogue_database(url: str) -> dict[str, Any]:
    """Return the settings of the catalogue: the address's, else SQLite."""
    if not url:
        return sqlite_database(DATA_DIR / places.CATALOGUE)
    return {
        **env.db_url_config(url),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


# Commands given beside the running program find its private server by the record.
MONGODB_URI = env.str("MONGODB_URI", default="") or places.recorded_results_uri(
    DATA_DIR
)
DATABASES = {
    "default": catalogue_database(env.str("DATABASE_URL", default="")),
    "results": (
        mongodb_database(MONGODB_URI)
        if MONGODB_URI
        else sqlite_database(DATA_DIR / places.RESULTS_FILE)
    ),
}
DATABASE_ROUTERS = ["config.router.ResultsRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The queues: one for machine vision, one for light work, so that neither starves
# the other. Delivery is at least once, and `retry` also counts while a task waits in
# memory, so retry > timeout x (1 + (queue_limit + bulk) / workers).
Q_CLUSTER: dict[str, Any] = {
    "name": "autochrome",
    "label": "Queues",
    "orm": "default",
    "save_limit": -1,
    "ack_failures": True,
    "catch_up": False,
    "queue_limit": 1,
    "bulk": 1,
    "poll": 0.3,
    "timeout": 3600,
    "retry": 10_900,
    "ALT_CLUSTERS": {
        "vision": {
            "workers": 1,
            "poll": 0.1,  # somebody may wait for the colours
            "timeout": 3600,
            "retry": 10_900,
            "recycle": 100_000,
            "scheduler": False,
        },
        "light": {"workers": 2, "timeout": 3600, "retry": 7_300, "recycle": 100_000},
    },
}

# People.
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"

# Words and times. Each language is called by its own name.
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("AUTOCHROME_TIME_ZONE", default="UTC")

# Style sheets and scripts come straight from the source tree: no build step.
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = env.str("AUTOCHROME_STATIC", default="") or None
WHITENOISE_USE_FINDERS = True

# Safety.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = DEPLOY
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = DEPLOY
if DEPLOY:
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
if env.bool("AUTOCHROME_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Every process writes to its standard error; the supervisor keeps that in DATA/logs
# and turns the files over.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        name: {"level": env.str("AUTOCHROME_LOG_LEVEL", default="INFO")}
        for name in ("archive", "colorizer", "django-q")
    },
}

# The programming interface.
REST_FRAMEWORK = api_settings.REST_FRAMEWORK
SPECTACULAR_SETTINGS = api_settings.SPECTACULAR_SETTINGS
