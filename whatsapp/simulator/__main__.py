"""`python -m whatsapp.simulator`: the simulator without Django."""

from __future__ import annotations

import argparse
from pathlib import Path

from .server import default_data, default_port, serve


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(prog="whatsapp.simulator", description="A stand-in WhatsApp.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=default_port())
    parser.add_argument("--data", type=Path, default=default_data())
    options = parser.parse_args()
    serve(options.host, options.port, options.data)


if __name__ == "__main__":
    main()
