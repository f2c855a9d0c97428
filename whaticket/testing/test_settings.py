"""How settings are read from the environment."""

import json
import os
import subprocess
import sys

SHOW = (
    "import json; from whaticket import settings; print(json.dumps(settings.DATABASES['default']))"
)
ADDRESS = "postgres://someone:secret@db.example:5433/helpdesk"


def database(**environment):
    """The database settings of a process with these variables."""
    output = subprocess.run(
        [sys.executable, "-c", SHOW],
        env={**os.environ, "DATABASE_URL": ADDRESS, **environment},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return json.loads(output)


def test_options_of_the_address_reach_the_client_library():
    assert database(DATABASE_URL=f"{ADDRESS}?sslmode=verify-full")["OPTIONS"]["sslmode"] == (
        "verify-full"
    )


def test_a_process_has_a_pool_unless_its_threads_keep_their_own_connections():
    pooled = database(DB_POOL_MAX="7")
    assert pooled["OPTIONS"]["pool"]["max_size"] == 7
    assert pooled["CONN_MAX_AGE"] == 0
    own = database(DB_POOL_MAX="0")
    assert "pool" not in own["OPTIONS"]
    assert own["CONN_MAX_AGE"] is None
