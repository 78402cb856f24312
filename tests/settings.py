"""The product's settings on a database of the tests' own, with quick passwords and nothing left behind."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from psycopg.conninfo import make_conninfo

from annotation.processes import postgres

# Set before the product's settings are read, and inherited by xdist's workers and every child process.
if "TEST_ROOT" not in os.environ:
    os.environ["TEST_ROOT"] = tempfile.mkdtemp(prefix="bennet-test-")
    atexit.register(shutil.rmtree, os.environ["TEST_ROOT"], ignore_errors=True)
TEST_ROOT = Path(os.environ["TEST_ROOT"])
TEST_SERVER = postgres.Server.under(TEST_ROOT, durable=False)
os.environ.setdefault("DATABASE_URL", TEST_SERVER.url)
_worker = os.environ.get("PYTEST_XDIST_WORKER", "")
os.environ["VAR_ROOT"] = str(TEST_ROOT / (_worker or "main"))
for _name in ("MEDIA_ROOT", "MODELS_ROOT", "CELERY_BROKER_URL", "EMAIL_URL", "PUBLIC_URL", "SECRET_KEY"):
    os.environ.pop(_name, None)

from annotation.settings import *  # noqa: E402, F403
from annotation.settings import CELERY_BROKER_TRANSPORT_OPTIONS, DATABASE_URL, DATABASES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
WHITENOISE_AUTOREFRESH = True
# Many threads with a connection each, and databases dropped while the process goes on: no pool.
DATABASES["default"]["OPTIONS"].pop("pool")
STARTS_OWN_SERVER = TEST_SERVER.url == DATABASE_URL

_database = "_".join(["test", DATABASES["default"]["NAME"], *filter(None, [_worker])])
if "conn_string" in CELERY_BROKER_TRANSPORT_OPTIONS:
    CELERY_BROKER_TRANSPORT_OPTIONS["conn_string"] = make_conninfo(DATABASE_URL, dbname=_database)
