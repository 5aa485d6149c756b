"""Settings, all from the environment; `.env.example` explains each one."""

from urllib.parse import urlsplit

import pghistory
from celery.schedules import crontab
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from anso_portal import environment
from anso_portal.csp import CSP
from anso_portal.environment import BASE_DIR, STATE_DIR, boolean, env

# --- Who we are: nothing else in the code says ANSO. Name, logo, colours and banner can be changed in the admin.
PORTAL = {
    "name": env.str("PORTAL_NAME", default="ANSO Portal"),
    "alliance": env.str("PORTAL_ALLIANCE", default="Alliance of International Science Organizations"),
    "colour": env.str("PORTAL_COLOUR", default="#0b5563"),
    "accent": env.str("PORTAL_ACCENT", default="#b4531a"),
    "code": env.str("PORTAL_CODE", default="ANSO"),
}
PORTAL_BASE_URL = environment.base_url()
BASE_DIR = BASE_DIR
STATE_DIR = STATE_DIR

SECRET_KEY = environment.secret_key()
DEBUG = boolean("DEBUG", False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[urlsplit(PORTAL_BASE_URL).hostname, "127.0.0.1", "localhost"])
HTTPS = PORTAL_BASE_URL.startswith("https://")
TRUSTED_PROXIES = environment.integer("TRUSTED_PROXIES", 0)  # toolkit.network

INSTALLED_APPS = [
    "anso_portal.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.socialaccount.providers.orcid",
    "allauth.usersessions",
    "django_filters",
    "django_htmx",
    "import_export",
    "pgtrigger",
    "pghistory",
    "anso_portal",
    "proposals",
    "exchanges",
    "news",
    "projects",
    "centers",
    "members",
    "workflow",
    "notifications",
    "accounts",
    "vocabularies",
    "toolkit",
]

MIDDLEWARE = [
    "anso_portal.answers.AnswerMiddleware",
    "anso_portal.request_numbers.RequestNumberMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "anso_portal.middleware.ReaderMiddleware",
    "anso_portal.sessions.SessionMiddleware",
    "anso_portal.middleware.SecondFactorMiddleware",
    "anso_portal.middleware.InvalidFormMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "anso_portal.middleware.VisitorMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "anso_portal.history.middleware.HistoryMiddleware",
    "members.views.redirects.FormerAddressMiddleware",
    "anso_portal.answers.WrongMethodMiddleware",
    "anso_portal.middleware.MethodsMiddleware",
]
if boolean("COMPRESS", False):  # bin/up has no proxy before it; in production the proxy compresses.
    MIDDLEWARE.insert(0, "django.middleware.gzip.GZipMiddleware")

ROOT_URLCONF = "anso_portal.urls"
WSGI_APPLICATION = "anso_portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

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
                "anso_portal.context.portal",
            ],
            "builtins": ["django.templatetags.i18n", "toolkit.templatetags.portal"],
        },
    }
]
FORM_RENDERER = "anso_portal.forms.PortalRenderer"

# --- Servers
DATABASES = {"default": environment.database()}
APPLICATION_ROLE = environment.application_role()
REDIS_URL = environment.service_url("REDIS_URL")
CACHES = {
    "default": {"BACKEND": "anso_portal.cache.ForgivingRedisCache", "LOCATION": REDIS_URL or "redis://127.0.0.1:6379/0"}
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
EMBEDDED_SERVERS = boolean("ANSO_EMBEDDED", bool(environment.running_portal().get("embedded")))

CELERY_BROKER_URL = environment.celery_broker(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "socket_timeout": 5, "socket_connect_timeout": 2}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_TIMEZONE = "UTC"
MAIL_SWEEP = 30.0  # Seconds between two looks for what is due; the relay looks twice as often.
CELERY_BEAT_SCHEDULE = {
    "read mail that came back": {"task": "notifications.bounces", "schedule": 300.0, "options": {"expires": 300}},
    "send what is due": {"task": "notifications.drain", "schedule": MAIL_SWEEP, "options": {"expires": 30}},
    "ask whether records are still right": {"task": "members.confirmations", "schedule": crontab(hour=6, minute=20)},
    "make papers of submissions": {"task": "proposals.papers", "schedule": 60.0, "options": {"expires": 60}},
    "remind partners and reviewers": {"task": "proposals.reminders", "schedule": crontab(minute=25)},
    "move stays and remind of them": {"task": "exchanges.stays", "schedule": crontab(minute=45)},
    "remind of certificates that expire": {"task": "centers.certificates", "schedule": crontab(hour=6, minute=50)},
    "remind of project reports": {"task": "projects.reports", "schedule": crontab(hour=6, minute=35)},
    "compare saved searches": {"task": "anso_portal.compare_searches", "schedule": crontab(minute=35)},
    "seal what was recorded": {"task": "anso_portal.seal_history", "schedule": 60.0, "options": {"expires": 60}},
    "seal what was left": {"task": "anso_portal.seal_all_history", "schedule": crontab(hour=3, minute=20)},
    "forget what nobody confirmed": {
        "task": "members.forget_unsent_applications",
        "schedule": crontab(hour=3, minute=40),
    },
    "tell that beat and worker live": {"task": "notifications.beat", "schedule": 10.0, "options": {"expires": 30}},
    "forget sessions that are over": {"task": "anso_portal.forget_sessions", "schedule": crontab(minute=50)},
    "forget what is kept for a time": {"task": "anso_portal.clean_up", "schedule": crontab(hour=4, minute=10)},
    "forget old messages": {"task": "members.forget_old_messages", "schedule": crontab(hour="*/6", minute=40)},
}

# --- Mail: only the outbox sends; without EMAIL_URL each message becomes a file in .anso/mail/.
EMAIL_BACKEND = "notifications.mailbox.ClosedMailbox"
MAIL_TRANSPORT = "notifications.transport.FileTransport"
EMAIL_FILE_PATH = STATE_DIR / "mail"
EMAIL_TIMEOUT = 60
# Seconds: how long a sender may keep a mail before it counts as dead, and one that it hands over; the first pause after a fault.
MAIL_LEASE = 120
MAIL_LEASE_IN_DATA = env.int("MAIL_LEASE_IN_DATA", default=660)
MAIL_BACK_OFF = 60
vars().update(environment.email())
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", default=f"{PORTAL['name']} <portal@{urlsplit(PORTAL_BASE_URL).hostname}>")
# An announcement by mail to so many waits for so many seconds, in which officers can look at it.
MAIL_BULK = env.int("MAIL_BULK", default=100)
MAIL_BULK_PAUSE = env.int("MAIL_BULK_PAUSE", default=600)
# Where mail that cannot be delivered comes back (empty: to MAIL_FROM), and the Maildir of that address.
MAIL_RETURN_PATH = env.str("MAIL_RETURN_PATH", default="")
MAIL_BOUNCES = env.str("MAIL_BOUNCES", default="")
MAIL_DOMAIN = env.str("MAIL_DOMAIN", default=urlsplit(PORTAL_BASE_URL).hostname)

# --- Accounts
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["anso_portal.backends.AddressBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = reverse_lazy("anso_portal:desk")
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "anso_portal.adapter.AccountAdapter"
_forms = "anso_portal.account_forms"
ACCOUNT_FORMS = {
    "add_email": f"{_forms}.AddEmailForm",
    "change_password": f"{_forms}.ChangePasswordForm",
    "confirm_email_verification_code": f"{_forms}.ConfirmAddressForm",
    "login": f"{_forms}.LoginForm",
    "reauthenticate": f"{_forms}.ReauthenticateForm",
    "reset_password": f"{_forms}.ResetPasswordForm",
    "reset_password_from_key": f"{_forms}.ResetPasswordKeyForm",
    "set_password": f"{_forms}.SetPasswordForm",
    "signup": f"{_forms}.SignupForm",
}
MFA_FORMS = {
    "activate_totp": f"{_forms}.ActivateAppForm",
    "add_webauthn": f"{_forms}.AddPasskeyForm",
    "authenticate": f"{_forms}.SecondFactorForm",
    "edit_webauthn": f"{_forms}.EditPasskeyForm",
    "reauthenticate": f"{_forms}.ConfirmSecondFactorForm",
    "signup_webauthn": f"{_forms}.SignupPasskeyForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1"]  # Without a password one signs in by code.
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = str
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
MFA_ADAPTER = "anso_portal.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = True
SOCIALACCOUNT_ADAPTER = "anso_portal.adapter.ProviderAdapter"
SOCIALACCOUNT_FORMS = {"signup": f"{_forms}.ProviderSignupForm"}
SOCIALACCOUNT_AUTO_SIGNUP = False  # An account is made when its address has proved right, however one came.
SOCIALACCOUNT_PROVIDERS = environment.sign_in_providers()
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"

# --- Languages: English first; every visible text is marked for translation.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = ["anso_portal.formats"]

# Country names come from CLDR. An operator may choose another name: {"CI": {"en": "Ivory Coast"}}.
COUNTRY_NAMES = env.json("COUNTRY_NAMES", default={})

# --- Records: what an institution changes goes live at once in these fields, and an officer looks at it afterwards.
MODERATED_LATER = env.list("MODERATED_LATER", default=["website", "links", "contacts"])

# --- Files
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = env.path("STATIC_ROOT", default=str(STATE_DIR / "static"))()
MEDIA_URL = "/media/"
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(STATE_DIR / "media"))()
FILE_UPLOAD_PERMISSIONS = None  # As the umask says: bin/up keeps all to itself, a server's operator may let nginx read.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- History: statement triggers, because row triggers halve a bulk load.
PGHISTORY_LEVEL = pghistory.Statement
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True
IMPORT_EXPORT_USE_TRANSACTIONS = True

# --- Security
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],  # data: for the QR code of a second factor, which no file should hold
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF, *environment.provider_origins(SOCIALACCOUNT_PROVIDERS)],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "object-src": [CSP.NONE],
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
SECURE_SSL_HOST = urlsplit(PORTAL_BASE_URL).netloc  # Not the host that the request names.
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]  # Asked from inside, past the proxy that speaks TLS.
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
X_FRAME_OPTIONS = "DENY"
WHITENOISE_ALLOW_ALL_ORIGINS = False
CSRF_TRUSTED_ORIGINS = [PORTAL_BASE_URL] if HTTPS else []
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# With the prefix, a browser takes a cookie from this very host over TLS only; no other host of the domain can plant one.
COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}language"
MESSAGES_COOKIE_NAME = f"{COOKIE_PREFIX}messages"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "anso_portal.notes.PortalMessages"

SILENCED_SYSTEM_CHECKS = [
    "auth.W004",  # The address is unique whatever its case: a constraint over Lower("email").
    "security.W021",  # To be on the browsers' own lists is a step that an operator takes for a whole domain, or not.
]

# Every process writes to its standard error; see toolkit.logs for what stands in a line, and what never does.
LOG_FORMAT = environment.log_format()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "toolkit.logs.JsonFormatter"}, "text": {"()": "toolkit.logs.TextFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {"celery": {"level": "WARNING"}, "kombu": {"level": "WARNING"}},
}
