"""Settings, all from the environment (docs/operations.md lists every variable)."""

import os
import secrets
from datetime import timedelta
from pathlib import Path

import dj_database_url
from django.utils.translation import gettext_lazy as _

from whaticket import embedded

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("VAR_DIR", BASE_DIR / "var")).resolve()


def _flag(name: str, default: str = "") -> bool:
    return os.environ.get(name, default).strip().lower() in {"1", "true", "yes", "on"}


def _list(name: str) -> list[str]:
    return [part.strip() for part in os.environ.get(name, "").split(",") if part.strip()]


def _kept_secret(name: str) -> str:
    """Take a secret from the environment, or make one once and keep it under VAR_DIR."""
    value = os.environ.get(name)
    if value:
        return value
    path = VAR_DIR / "secrets" / name.lower()
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(48))
    return path.read_text()


DEBUG = _flag("DEBUG")
SECRET_KEY = _kept_secret("SECRET_KEY")
JWT_SECRET = _kept_secret("JWT_SECRET")
JWT_REFRESH_SECRET = _kept_secret("JWT_REFRESH_SECRET")
# Encrypts what must be readable again: credentials of connections and providers.
FIELD_KEY = _kept_secret("FIELD_KEY")

PORT = int(os.environ.get("PORT", "8080"))
SIMULATOR_PORT = int(os.environ.get("SIMULATOR_PORT", "8090"))
BACKEND_URL = os.environ.get("BACKEND_URL", f"http://localhost:{PORT}").rstrip("/")
FRONTEND_URL = os.environ.get("FRONTEND_URL", BACKEND_URL).rstrip("/")
SIMULATOR_URL = os.environ.get("SIMULATOR_URL", f"http://127.0.0.1:{SIMULATOR_PORT}").rstrip("/")
GRAPH_URL = os.environ.get("GRAPH_URL", "https://graph.facebook.com").rstrip("/")
SECURE = BACKEND_URL.startswith("https://")

ALLOWED_HOSTS = _list("ALLOWED_HOSTS") or ["*"]
CSRF_TRUSTED_ORIGINS = sorted({BACKEND_URL, FRONTEND_URL})
# How many proxies of ours stand before this process: so many entries of X-Forwarded-For count.
TRUSTED_PROXIES = int(os.environ.get("TRUSTED_PROXIES", "0"))
COMPANY_TOKEN = os.environ.get("COMPANY_TOKEN", "")
# The task monitor at /admin/queues, its own door beside that of the operators' pages.
BULL_BOARD = _flag("BULL_BOARD")
BULL_USER = os.environ.get("BULL_USER", "")
BULL_PASS = os.environ.get("BULL_PASS", "")
METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")
# A platform to look at: nobody signs up, and people stay as they are.
DEMO = os.environ.get("DEMO", "") == "ON"
ENV_TOKEN = os.environ.get("ENV_TOKEN", "")
# The Meta app that companies may share: proves its webhooks, answers its handshake.
FACEBOOK_APP_SECRET = os.environ.get("FACEBOOK_APP_SECRET", "")
VERIFY_TOKEN = os.environ.get("VERIFY_TOKEN", "")
# PIX through Efí, where the account kept in the database names no client (docs/billing.md).
GERENCIANET = {
    "sandbox": _flag("GERENCIANET_SANDBOX"),
    "client_id": os.environ.get("GERENCIANET_CLIENT_ID", ""),
    "client_secret": os.environ.get("GERENCIANET_CLIENT_SECRET", ""),
    "certificate": os.environ.get("GERENCIANET_PIX_CERT", ""),
    "pix_key": os.environ.get("GERENCIANET_CHAVEPIX", ""),
}
CERTIFICATES = VAR_DIR / "certs"
# A stand-in for Efí, for tests and training; only there is plain HTTP allowed.
EFI_URL = os.environ.get("EFI_URL", "").rstrip("/")
# How a paid invoice is called on the wire; some clients know only "Pago".
INVOICE_PAID_STATUS = os.environ.get("INVOICE_PAID_STATUS", "paid")
# How long raw events are kept to be understood again.
RAW_EVENT_DAYS = int(os.environ.get("RAW_EVENT_DAYS", "30"))

# Companies ----------------------------------------------------------------------------------

SHARED_APPS = [
    "daphne",
    "django_tenants",
    "companies",
    "accounts",
    "billing",
    "dispatch",
    "console",
    "whaticket.operator_site.OperatorPages",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "axes",
    "channels",
    "corsheaders",
    "django_celery_beat",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
]
TENANT_APPS = ["contacts", "whatsapp", "tickets", "messaging", "chatbots", "events"]
INSTALLED_APPS = [*SHARED_APPS, *TENANT_APPS]

TENANT_MODEL = "companies.Company"
TENANT_DOMAIN_MODEL = "companies.Domain"
TENANT_LIMIT_SET_CALLS = True
TENANT_BASE_SCHEMA = "company_template"
TENANT_CREATION_FAKES_MIGRATIONS = True
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]

# Data ---------------------------------------------------------------------------------------

# Given addresses never touch the embedded servers' files.
DATABASE_URL = os.environ.get("DATABASE_URL") or embedded.urls(VAR_DIR).database_url
REDIS_URL = os.environ.get("REDIS_URL") or embedded.urls(VAR_DIR).redis_url

_DATABASE = dj_database_url.parse(DATABASE_URL, engine="django_tenants.postgresql_backend")
# Hot reads (whaticket.database) are planned once per connection, from the fifth time.
_DATABASE["OPTIONS"] = {**_DATABASE.get("OPTIONS", {}), "prepare_threshold": 5}
if _POOL_MAX := int(os.environ.get("DB_POOL_MAX", "12")):
    # One pool per process: a thread waits for a connection instead of opening its own, so load
    # can never exhaust the server.
    _DATABASE["OPTIONS"]["pool"] = {
        "min_size": int(os.environ.get("DB_POOL_MIN", "1")),
        "max_size": _POOL_MAX,
        "timeout": int(os.environ.get("DB_POOL_ACQUIRE", "30000")) / 1000,
        "max_idle": int(os.environ.get("DB_POOL_IDLE", "600000")) / 1000,
    }
else:
    # For servers with a fixed number of threads: each keeps a connection of its own. Giving it
    # back and taking it again would be an eighth of the work of a small request.
    _DATABASE["CONN_MAX_AGE"] = None
DATABASES = {"default": _DATABASE}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": {
        "BACKEND": "whaticket.cache.TolerantRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "cache",
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {
            # The layer waits for messages with a blocking call of five seconds; the client
            # library's own limit, also five, would end every wait as an error.
            "hosts": [{"address": REDIS_URL, "socket_timeout": 30}],
            "capacity": 5000,
            "expiry": 30,
        },
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_AGE = 7 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_SAMESITE = "Lax"
# "None" only where clients live on another site than BACKEND_URL (not merely another subdomain).
REFRESH_COOKIE_SAMESITE = os.environ.get("REFRESH_COOKIE_SAMESITE", "Lax")

CELERY_BROKER_URL = REDIS_URL
CELERY_RESULT_BACKEND = None
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 4
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 600}
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_TIMEZONE = "UTC"
DJANGO_CELERY_BEAT_TZ_AWARE = True

# Web ----------------------------------------------------------------------------------------

ROOT_URLCONF = "whaticket.urls"
ASGI_APPLICATION = "whaticket.asgi.application"
WSGI_APPLICATION = "whaticket.wsgi.application"

MIDDLEWARE = [
    "whaticket.middleware.StartInPublic",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "whaticket.middleware.RequestLog",
    "whaticket.middleware.WireErrors",
    # From here on, layers that only pages need (each lets REST requests pass untouched).
    "whaticket.middleware.Session",
    "whaticket.middleware.Locale",
    "whaticket.middleware.Csrf",
    "whaticket.middleware.Authentication",
    "whaticket.middleware.TwoFactor",
    "accounts.middleware.EnterCompany",
    "accounts.middleware.HideNumbers",
    "whaticket.middleware.Messages",
    "whaticket.middleware.Frames",
    "whaticket.middleware.Htmx",
    "whaticket.middleware.Lockout",
]
# Pages for people: they have a browser session and HTML errors. Everything else is the wire.
BROWSER_PREFIXES = ("/app", "/admin/", "/docs", "/schema", "/i18n/")

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "accounts.backends.EmailBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.BCryptPasswordHasher",
    "django.contrib.auth.hashers.BCryptSHA256PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "/app/login/"
LOGIN_REDIRECT_URL = "/app/"
# Operators need a second factor; without it, only those who set one up are asked.
OTP_REQUIRED = _flag("OTP_REQUIRED")
OTP_TOTP_ISSUER = "Whaticket"
UNFOLD = {
    "SITE_TITLE": "Whaticket",
    "SITE_HEADER": "Whaticket",
    "SITE_SYMBOL": "forum",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    # The green of the console.
    "COLORS": {
        "primary": {
            "50": "#ecfdf5",
            "100": "#d1fae5",
            "200": "#a7f3d0",
            "300": "#6ee7b7",
            "400": "#34d399",
            "500": "#10b981",
            "600": "#047857",
            "700": "#065f46",
            "800": "#064e3b",
            "900": "#053f30",
            "950": "#022c22",
        }
    },
    "LOGIN": {"form": "accounts.operator_login.OperatorLogin"},
    "SIDEBAR": {"show_search": True, "navigation": "whaticket.operator_menu.menu"},
}
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=5)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "username"
AXES_USERNAME_CALLABLE = "accounts.lockout.username_of"
AXES_CLIENT_IP_CALLABLE = "whaticket.net.client_ip"
# In the database, where lockouts outlive the cache and operators see and lift them.
AXES_HANDLER = "axes.handlers.database.AxesDatabaseHandler"
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
# The clients of the contract read media and pages from other origins of the same owner.
SECURE_CROSS_ORIGIN_OPENER_POLICY = None

CORS_ALLOW_CREDENTIALS = True
CORS_ALLOWED_ORIGINS = sorted({FRONTEND_URL, "http://localhost:3000", "http://127.0.0.1:3000"})
CORS_ALLOW_HEADERS = ["content-type", "authorization", "x-requested-with", "idempotency-key"]
CORS_EXPOSE_HEADERS = ["content-type", "authorization"]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.AccessToken"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": [
        "whaticket.renderers.WireRenderer",
        "rest_framework.renderers.BrowsableAPIRenderer",
    ],
    "DEFAULT_PARSER_CLASSES": [
        "whaticket.parsers.WireJSONParser",
        "whaticket.parsers.WireFormParser",
        "whaticket.parsers.WireMultiPartParser",
    ],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "whaticket.negotiation.WireNegotiation",
    "NUM_PROXIES": TRUSTED_PROXIES,
    # Per address; names are locked by django-axes besides.
    "DEFAULT_THROTTLE_RATES": {
        "login": "60/min",
        "signup": "10/hour",
        "recovery": "20/hour",
        "reset": "20/hour",
    },
    "EXCEPTION_HANDLER": "whaticket.api.handler",
    "DEFAULT_SCHEMA_CLASS": "whaticket.openapi.Schema",
    "UNAUTHENTICATED_USER": None,
    "DATETIME_FORMAT": "%Y-%m-%dT%H:%M:%S.%fZ",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SIMPLE_JWT = {
    "ALGORITHM": "HS256",
    "SIGNING_KEY": JWT_SECRET,
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=15),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=7),
    "USER_ID_CLAIM": "id",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Whaticket",
    "DESCRIPTION": "A multi-tenant WhatsApp helpdesk.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    # From here on it is plain JSON Schema, with null among the types.
    "OAS_VERSION": "3.1.1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "whaticket.openapi.finish",
    ],
    # Fields of one name with different words; the library would name them after a digest of those.
    "ENUM_NAME_OVERRIDES": {
        "Switch": ["enabled", "disabled"],
        "TicketStatus": "tickets.models.Ticket.Status",
        "InvoiceStatus": ["pending", "paid", "Pago"],
    },
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# Bytes a single attachment may have.
MEDIA_MAX_BYTES = int(os.environ.get("MEDIA_MAX_BYTES", str(5 * 1024 * 1024)))
# Bytes a received file may have; the network's own limit for documents is 100 MB.
FETCH_MAX_BYTES = int(os.environ.get("FETCH_MAX_BYTES", str(100 * 1024 * 1024)))
# Hosts of a private network that addresses given by customers and programs may name all the same.
OUTGOING_PRIVATE_HOSTS = _list("OUTGOING_PRIVATE_HOSTS")
# Calls a minute of one token of the external API, where the token has no limit of its own.
API_RATE_PER_MINUTE = max(1, int(os.environ.get("API_RATE_PER_MINUTE", "240")))
MEDIA_ROOT = VAR_DIR / "media"
# Seconds a media address works; the contract's clients keep lists open for hours.
MEDIA_URL_SECONDS = int(os.environ.get("MEDIA_URL_SECONDS", str(24 * 3600)))

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "staticfiles"
# Without a collectstatic step (make run) files come from where they lie.
WHITENOISE_USE_FINDERS = not STATIC_ROOT.exists()
WHITENOISE_AUTOREFRESH = DEBUG

# Language, time, mail, logs -----------------------------------------------------------------

LANGUAGE_CODE = "pt-br"
LANGUAGES = [("pt-br", _("Portuguese")), ("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"
# Working hours and login windows are local times of the companies.
COMPANY_TIME_ZONE = os.environ.get("COMPANY_TIME_ZONE", "America/Sao_Paulo")

if os.environ.get("MAIL_HOST"):
    EMAIL_HOST = os.environ["MAIL_HOST"]
    EMAIL_PORT = int(os.environ.get("MAIL_PORT", "587"))
    EMAIL_HOST_USER = os.environ.get("MAIL_USER", "")
    EMAIL_HOST_PASSWORD = os.environ.get("MAIL_PASS", "")
    EMAIL_USE_SSL = _flag("MAIL_SECURE")
    EMAIL_USE_TLS = not EMAIL_USE_SSL and EMAIL_PORT == 587
    EMAIL_TIMEOUT = 10
else:
    # Without a mail server mails are kept as files, so that nothing is lost or pretended.
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"
DEFAULT_FROM_EMAIL = os.environ.get("MAIL_FROM", "whaticket@localhost")

SLOW_REQUEST_SECONDS = float(os.environ.get("SLOW_REQUEST_SECONDS", "1"))
LOGGING_CONFIG = None
SENTRY_DSN = os.environ.get("SENTRY_DSN", "")
LOG_LEVEL = os.environ.get("LOG_LEVEL", "INFO")
LOG_JSON = _flag("LOG_JSON", "true" if SECURE else "")

SILENCED_SYSTEM_CHECKS = [
    # Session, CSRF and authentication middleware run, but only where a browser signs in.
    "admin.E408",
    "admin.E409",
    "admin.E410",
    # The same for the lockout layer: whaticket.middleware.Lockout is that middleware.
    "axes.W002",
    # E-mail addresses are unique among people who are present (accounts_email_once).
    "auth.W004",
]

from whaticket import observability  # noqa: E402

observability.configure(level=LOG_LEVEL, as_json=LOG_JSON, sentry_dsn=SENTRY_DSN)
