"""A plain Django site with the survey and nothing else, set as its makers' manuals advise for service."""

import os
from pathlib import Path

FOLDER = Path(os.environ["DJANGO_FOLDER"])
SECRET_KEY = os.environ["DJANGO_SECRET_KEY"]
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "survey_site"
WSGI_APPLICATION = "survey_site.application"
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "survey",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
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
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": FOLDER / "survey.sqlite3",
        "CONN_MAX_AGE": None,  # connections are kept
        "OPTIONS": {
            "timeout": 15,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL",  # what was answered is on the disk
        },
    }
}
LANGUAGE_CODE = "en"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = FOLDER / "static"
LOGIN_URL = "/login/"
CHOICES_SEPARATOR = "|"
USER_DID_NOT_ANSWER = "left blank"
TEX_CONFIGURATION_FILE = ""
SURVEY_DEFAULT_PIE_COLOR = "blue!50"
EXCEL_COMPATIBLE_CSV = False
DEFAULT_SURVEY_PUBLISHING_DURATION = 7
