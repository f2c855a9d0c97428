"""Emits one realtime event per line of standard input, as a worker of the platform would."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "whaticket.settings")
    import django

    django.setup()
    from events.realtime import Frame, emit
    from whaticket.tenancy import enter_company

    enter_company(1)
    # As large as a message frame usually is.
    padding = "x" * 2500
    print("ready", flush=True)
    for line in sys.stdin:
        data = f'{{"mark":"{line.strip()}","padding":"{padding}"}}'
        emit([Frame("company-1-benchmark", data.encode())])


if __name__ == "__main__":
    main()
