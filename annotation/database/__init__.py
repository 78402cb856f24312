"""Django's connections to PostgreSQL, with a cheaper way to see whether one is still one."""
