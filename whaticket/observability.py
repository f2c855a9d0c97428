"""Structured logs with company and ids, never message text; Sentry where a DSN is set."""

import logging.config
from contextlib import suppress
from typing import Any

import structlog


def _add_company(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    # Imported late: logging is configured while settings are being read.
    from whaticket.tenancy import current_schema

    # A log line is worth more than its company.
    with suppress(Exception):
        event.setdefault("schema", current_schema())
    return event


def configure(*, level: str, as_json: bool, sentry_dsn: str) -> None:
    """Set up logging for every process of the product."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_company,
        structlog.processors.StackInfoRenderer(),
    ]
    if as_json:
        final = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    else:
        # Plain tracebacks: richer ones print local variables, and with them messages and passwords.
        plain = structlog.dev.plain_traceback
        final = [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain)]
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "structured": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": shared,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        *final,
                    ],
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {
                # One line per request is written by RequestLog, with ids and without bodies.
                "django.channels.server": {"level": "WARNING"},
                "daphne": {"level": "WARNING"},
                "httpx": {"level": "WARNING"},
                "django.request": {"level": "ERROR"},
                "axes": {"level": "WARNING"},
            },
        }
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    if sentry_dsn:
        import sentry_sdk

        # Bodies hold customers' messages and passwords; they never leave the house.
        sentry_sdk.init(
            dsn=sentry_dsn,
            traces_sample_rate=0.1,
            send_default_pii=False,
            max_request_body_size="never",
            include_local_variables=False,
        )
