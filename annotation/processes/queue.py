"""The queue's tables: pgmq's own SQL in our database, no server extension needed."""

import pgmq
import psycopg

# Any number will do that nothing else locks: two starts at once must not both install.
INSTALL_LOCK = 0x62656E6E
IS_INSTALLED = """
    SELECT 1 FROM pg_proc WHERE pronamespace = to_regnamespace('pgmq') AND proname = 'send_topic'
"""


def install(connection: psycopg.Connection) -> bool:
    """Install pgmq's functions unless they are there; whether it did."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [INSTALL_LOCK])
        if connection.execute(IS_INSTALLED).fetchone():
            return False
        pgmq.install_pgmq_from_sql(conn=connection)
        return True
