"""Settings of the test suite: nothing of the user's is read or written.

`AUTOCHROME_TEST_DATABASE_URL` names a PostgreSQL server to test the catalogue on;
the tests make a database of their own there. Without it the catalogue is SQLite in a
file of theirs: in memory a server's threads would share one connection. Results go to
a MongoDB that the tests start for themselves.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from config import mongod

# Short, because a unix socket's path has at most a hundred bytes.
TEST_DIR = Path(tempfile.mkdtemp(prefix="autochrome-test-"))
atexit.register(shutil.rmtree, TEST_DIR, ignore_errors=True)

os.environ["AUTOCHROME_DATA"] = str(TEST_DIR)
os.environ["DATABASE_URL"] = os.environ.get("AUTOCHROME_TEST_DATABASE_URL", "")
os.environ["MONGODB_URI"] = mongod.socket_uri(TEST_DIR) if mongod.program() else ""

from config.settings import *  # noqa: E402, F403

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    DATABASES["default"]["TEST"] = {"NAME": TEST_DIR / "catalogue.sqlite3"}  # noqa: F405
# Made after and apart from the catalogue's, when the first test asks for results.
DATABASES["results"]["TEST"] = {"DEPENDENCIES": []}  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ARCHIVE_ENQUEUE = "tests.inline.run"
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
