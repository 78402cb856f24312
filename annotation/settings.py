"""Every option, read once from the environment: README's table says what each means."""

import os
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
import dj_email_url

from annotation import environment
from annotation.processes import broker, postgres

# Identity

ROOT = Path(__file__).resolve().parent.parent
VERSION = version("bennet")
VAR_ROOT = environment.folder("VAR_ROOT", ROOT / "var")
SECRET_KEY = environment.secret("SECRET_KEY", VAR_ROOT / "secret_key")
DEBUG = environment.switch("DEBUG", False)
LOG_LEVEL = environment.choice("LOG_LEVEL", "INFO", ["DEBUG", "INFO", "WARNING", "ERROR"])
HOST = environment.text("HOST", "127.0.0.1")
PORT = environment.integer("PORT", 8000, low=1, high=65535)
PUBLIC_URL = environment.address("PUBLIC_URL", f"http://localhost:{PORT}", ["http", "https"]).rstrip("/")
GATEWAY_PORT = environment.integer("GATEWAY_PORT", PORT + 1 if PORT < 65535 else 1024, low=1, high=65535)
GATEWAY_THREADS = environment.integer("GATEWAY_THREADS", 64, low=1, high=1024)
GATEWAY_URL = environment.address("GATEWAY_URL", f"http://localhost:{GATEWAY_PORT}", ["http", "https"]).rstrip("/")
WEB_WORKERS = environment.integer("WEB_WORKERS", 2, low=1, high=64)
WEB_THREADS = environment.integer("WEB_THREADS", min(8, 2 * (os.cpu_count() or 1) + 1), low=1, high=64)
DEFAULT_WORKER_THREADS = environment.integer("DEFAULT_WORKER_THREADS", 4, low=1, high=64)

# Apps

INSTALLED_APPS = [
    "annotation.people",
    "annotation.projects",
    "annotation.tasks",
    "annotation.intake",
    "annotation.assignment",
    "annotation.quality",
    "annotation.followups",
    "annotation.exports",
    "annotation.registry",
    "annotation.chat",
    "annotation.road",
    "annotation.api",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "csp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "annotation.operations",  # last: its admin replaces what all the others register
]
MIDDLEWARE = [
    "annotation.api.short_way.ShortWay",
    "django.middleware.security.SecurityMiddleware",
    "annotation.api.middlewares.ContentPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "annotation.api.middlewares.Messages",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "annotation.api.idempotency.IdempotencyKeys",
]
_processors = ["template.context_processors.request", "contrib.auth.context_processors.auth"]
_processors += ["contrib.messages.context_processors.messages"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": [f"django.{name}" for name in _processors]},
    }
]
ROOT_URLCONF = "annotation.urls"
WSGI_APPLICATION = "annotation.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ, TIME_ZONE, LANGUAGE_CODE = True, "UTC", "en"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "annotation.api.access.BearerToken",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated", "annotation.api.access.WithinScope"],
    # Guessing links and tokens is hopeless; this keeps it cheap for the server too.
    "DEFAULT_THROTTLE_RATES": {"links": "60/min", "lint": "120/min"},
    "NUM_PROXIES": int(PUBLIC_URL.startswith("https://")),
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["annotation.api.body.JsonBody"],
    "DEFAULT_PAGINATION_CLASS": "annotation.api.pagination.Page",
    "DEFAULT_SCHEMA_CLASS": "annotation.api.schema.Schema",
    "EXCEPTION_HANDLER": "annotation.api.errors.handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Bennet",
    "DESCRIPTION": "Human feedback from a blank page to an assistant.",
    "VERSION": VERSION,
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "annotation.api.schema.add_sign_in"],
    "ENUM_NAME_OVERRIDES": {
        "Role": "annotation.projects.models.Role",
        "MessageRole": "annotation.tasks.messages.ROLES",
        "JobState": "annotation.durable.JobState",
        "Kind": "annotation.projects.protocol.KINDS",
        "JobKind": "annotation.operations.kinds.KINDS",
        "TaskState": "annotation.tasks.models.TaskState",
        "ClaimState": "annotation.assignment.models.ClaimState",
        "ProtocolState": "annotation.projects.models.ProtocolState",
        "SkipReason": "annotation.assignment.models.SkipReason",
        "AnswerState": "annotation.tasks.models.AnswerState",
        "Verdict": "annotation.quality.models.Verdict",
        "WithdrawalKind": "annotation.people.models.WithdrawalKind",
        "LineageKind": "annotation.registry.lineage.KINDS",
        "Stage": "annotation.registry.models.Stage",
        "ConsentState": "annotation.chat.models.ConsentState",
        "TurnState": "annotation.chat.models.TurnState",
        "AppealState": "annotation.chat.models.AppealState",
        "ServedState": "annotation.registry.models.ServedState",
        "Station": "annotation.road.stations.Station",
        "WalkState": "annotation.road.models.WalkState",
        "UpstreamKind": "annotation.registry.models.UpstreamKind",
        "WorklistKind": "annotation.registry.models.WorklistKind",
        "Split": "annotation.tasks.models.Split",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}
_TALKATIVE = ["celery.app.trace", "celery.beat", "celery.worker.strategy", "botocore", "pgmq"]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        # Jobs have rows that tell how they went; the sweep every few seconds need not be told at all.
        **({name: {"level": "WARNING"} for name in _TALKATIVE} if LOG_LEVEL == "INFO" else {}),
    },
}

# Database

DATABASE_URL = environment.address("DATABASE_URL", "", ["postgresql", "postgres"])
EMBEDDED = None if DATABASE_URL else postgres.Server.under(VAR_ROOT)
DATABASES = {"default": dj_database_url.parse(EMBEDDED.url if EMBEDDED else DATABASE_URL)}
# Connections are checked when they leave the pool, so a restarted server is noticed before a query fails. After
# a longer absence the pool's own retries would come ever later: it gives up soon, and the next request tries anew.
DATABASES["default"]["ENGINE"] = "annotation.database"
DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {
    "min_size": 0,
    "max_size": max(WEB_THREADS, DEFAULT_WORKER_THREADS) + 2,
    "timeout": 10,
    "reconnect_timeout": 3,
    "max_idle": 300,
}

# A gateway's many threads mostly wait for models: none of them keeps a connection from one request to the next.
IS_GATEWAY = environment.switch("IS_GATEWAY", False)
DATABASE_KEPT_SECONDS = 0.0 if IS_GATEWAY else 60.0

# Queue

CELERY_BROKER_URL = environment.address("CELERY_BROKER_URL", broker.OWN_DATABASE, broker.SCHEMES)
QUEUE_SCHEME = broker.scheme_of(CELERY_BROKER_URL)
if QUEUE_SCHEME.startswith("redis"):
    environment.require_extra("redis", "redis", wanted_by="CELERY_BROKER_URL")
CELERY_BROKER_TRANSPORT_OPTIONS = broker.transport_options(
    CELERY_BROKER_URL, database_url=EMBEDDED.url if EMBEDDED else DATABASE_URL
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {"annotation.registry.jobs.*": {"queue": "training"}}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Rows tell what runs and what is cancelled; without remote control no reply queues pile up.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_ROOT / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    # An unread sweep is worth nothing once the next one is due.
    "sweep": {"task": "annotation.operations.jobs.sweep", "schedule": 10.0, "options": {"expires": 10}},
    "withdrawals": {"task": "annotation.operations.jobs.tidy_withdrawn", "schedule": 600.0},
    "sessions": {"task": "annotation.operations.jobs.forget_old_sessions", "schedule": 24 * 3600.0},
    "replies": {"task": "annotation.operations.jobs.forget_old_replies", "schedule": 3600.0},
    "imports": {"task": "annotation.operations.jobs.forget_unconfirmed_imports", "schedule": 3600.0},
    "previews": {"task": "annotation.operations.jobs.forget_old_previews", "schedule": 3600.0},
}

# Storage

MEDIA_ROOT, _media = environment.file_store("MEDIA_ROOT", VAR_ROOT / "media")
STORAGES = {
    "default": _media,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# A JSON body: far above the longest prompt (200,000 characters) with all its completions.
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 2**20
DOWNLOAD_LINK_HOURS = environment.integer("DOWNLOAD_LINK_HOURS", 24, low=1, high=24 * 30)
STALE_FILES_DAYS = environment.integer("STALE_FILES_DAYS", 30, low=0, high=3650)
UPLOAD_LIMIT_BYTES = environment.integer("UPLOAD_LIMIT_BYTES", 2**30, low=1, high=2**40)
STATIC_URL = "/static/"
FRONTEND_ROOT = ROOT / "frontend" / "dist"
WHITENOISE_ROOT = FRONTEND_ROOT if FRONTEND_ROOT.is_dir() else None
WHITENOISE_USE_FINDERS = True
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/assets/.+-[\w-]{8,}\.\w+$"

# Training

MODELS_ROOT = environment.folder("MODELS_ROOT", VAR_ROOT / "models")
TRAINING_ROOT = VAR_ROOT / "training"
SERVING_ROOT = VAR_ROOT / "serving"
REQUESTS_PER_MINUTE = environment.integer("REQUESTS_PER_MINUTE", 60, low=1, high=10**6)
TOKENS_PER_DAY = environment.integer("TOKENS_PER_DAY", 200_000, low=1, high=10**12)
INSTALL_STATE = VAR_ROOT / "installs" / "training.json"

# Security

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["annotation.people.sessions.Backend"]
SESSION_ENGINE = "annotation.people.sessions"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
ACCOUNT_ADAPTER = "annotation.people.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # nobody can make this site write to strangers
HEADLESS_ONLY = True
HEADLESS_CLIENTS = ["browser"]
HEADLESS_FRONTEND_URLS = {
    "account_confirm_email": f"{PUBLIC_URL}/confirm-email/{{key}}",
    "account_reset_password": f"{PUBLIC_URL}/reset-password",
    "account_reset_password_from_key": f"{PUBLIC_URL}/reset-password/{{key}}",
    "account_signup": f"{PUBLIC_URL}/sign-in",
}
KNOX_TOKEN_MODEL = "people.ApiToken"
MIGRATION_MODULES = {"knox": None}  # its own table would stand unused beside ours
REST_KNOX = {"AUTH_HEADER_PREFIX": "Bearer", "TOKEN_MODEL": KNOX_TOKEN_MODEL}

EMAIL_URL = environment.address("EMAIL_URL", "", sorted(dj_email_url.SCHEMES))
globals().update(dj_email_url.parse(EMAIL_URL or "dummy://"))
DEFAULT_FROM_EMAIL = environment.text("EMAIL_FROM", f"bennet@{urlsplit(PUBLIC_URL).hostname}")

_served_over_tls = PUBLIC_URL.startswith("https://")
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", str(urlsplit(PUBLIC_URL).hostname)]
ALLOWED_HOSTS += [host.strip() for host in environment.text("ALLOWED_HOSTS").split(",") if host.strip()]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
CSRF_FAILURE_VIEW = "annotation.api.errors.csrf_failed"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _served_over_tls
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _served_over_tls else None
SECURE_HSTS_SECONDS = 30 * 24 * 3600 if _served_over_tls else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# The component library writes <style> elements, which is all that 'unsafe-inline' is for.
_ours = ("script-src", "font-src", "connect-src", "manifest-src", "form-action", "frame-src")
_own = {name: ["'self'"] for name in _ours}
_none = {name: ["'none'"] for name in ("default-src", "base-uri", "frame-ancestors")}
_styles_and_images = {"style-src": ["'self'", "'unsafe-inline'"], "img-src": ["'self'", "data:"]}
CONTENT_SECURITY_POLICY = {"DIRECTIVES": _none | _own | _styles_and_images}
