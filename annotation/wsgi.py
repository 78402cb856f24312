import os
import signal

from django.core.wsgi import get_wsgi_application

from annotation.processes import guard

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotation.settings")

# The server's worker processes would live on, and go on listening, when the server itself is killed.
if guard.GUARDED in os.environ:
    guard.die_with_parent(signal.SIGKILL)

application = get_wsgi_application()
