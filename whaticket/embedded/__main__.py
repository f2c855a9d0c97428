"""``python -m whaticket.embedded start|stop|status|urls``: the embedded servers on their own."""

from __future__ import annotations

import argparse
import sys

from . import EmbeddedError, default_var_dir, discard, ensure, running, stop, urls


def main() -> int:
    """Start servers that stay until ``stop``; or tell their state and addresses."""
    parser = argparse.ArgumentParser(prog="python -m whaticket.embedded", description=__doc__)
    parser.add_argument("action", choices=["start", "stop", "status", "urls", "discard-at-eof"])
    action = parser.parse_args().action
    var_dir = default_var_dir()
    try:
        if action == "start":
            ensure(var_dir, keep=True)
            print("The embedded database and cache are running.")
        elif action == "stop":
            stop(var_dir, force=True)
            print("The embedded database and cache are stopped.")
        elif action == "status":
            up = running(var_dir)
            for name, answer in up.items():
                print(f"{name}: {'running' if answer else 'stopped'}")
            return 0 if all(up.values()) else 3
        elif action == "urls":
            found = urls(var_dir)
            print(f"DATABASE_URL={found.database_url}\nREDIS_URL={found.redis_url}")
        else:
            # The other end of the pipe is a test run: the kernel closes it however that run ends.
            sys.stdin.buffer.read()
            discard(var_dir)
    except EmbeddedError as error:
        sys.exit(str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
