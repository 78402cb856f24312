"""How Celery reaches its queue: in our own database, or on a Redis or RabbitMQ of the team's."""

from urllib.parse import urlsplit

from psycopg.conninfo import conninfo_to_dict, make_conninfo

SCHEMES = ["pgmq", "redis", "rediss", "amqp", "amqps"]
OWN_DATABASE = "pgmq://localhost"
# A message whose worker died is read again after this long. Rows that lost their worker are swept much sooner.
VISIBILITY_SECONDS = 3600


def scheme_of(url: str) -> str:
    return urlsplit(url).scheme


def transport_options(url: str, *, database_url: str) -> dict[str, object]:
    scheme = scheme_of(url)
    if scheme.startswith("amqp"):
        return {}
    options: dict[str, object] = {"visibility_timeout": VISIBILITY_SECONDS}
    if scheme == "pgmq":
        # LISTEN wakes the worker; the read itself must not wait, or it would hold the wake-up back.
        options |= {"init_extension": False, "use_notify": True, "notify_throttle_interval_ms": 0}
        options |= {"wait_time_seconds": 0, "pool_timeout": 5}
    if url == OWN_DATABASE:
        options["conn_string"] = make_conninfo("", **conninfo_to_dict(database_url))
    return options
