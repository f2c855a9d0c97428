"""Prometheus metrics of every process, in one place so that their names stay unique."""

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("whaticket_requests_total", "HTTP requests", ["method", "route", "status"])
REQUEST_SECONDS = Histogram(
    "whaticket_request_seconds",
    "Time to answer",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
SOCKETS = Gauge("whaticket_sockets", "WebSockets open in this process")
FRAMES = Counter("whaticket_frames_total", "Realtime frames sent to sockets")
INBOUND = Counter("whaticket_inbound_total", "Events stored from WhatsApp", ["driver", "kind"])
OUTBOUND = Counter("whaticket_outbound_total", "Outcome of sends", ["driver", "outcome"])
SESSIONS = Gauge("whaticket_sessions", "WhatsApp sessions by state in this process", ["state"])
OUTBOX_DEPTH = Gauge("whaticket_outbox_depth", "Messages waiting to be sent, all companies")
INBOX_DEPTH = Gauge("whaticket_inbox_depth", "Stored events waiting for projection, all companies")
