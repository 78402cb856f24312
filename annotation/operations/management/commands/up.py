"""Run everything the site needs in one terminal; Ctrl-C stops it."""

import asyncio
import errno
import os
import socket
import sys
import urllib.error
import urllib.request
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from annotation.environment import WrongSetting
from annotation.operations import site
from annotation.processes import postgres, programs
from annotation.processes.supervisor import StartFailed, Supervisor, say


class Command(BaseCommand):
    help = "Run PostgreSQL, the web server, the workers and the scheduler, and keep them running."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        os.chdir(settings.ROOT)
        try:
            with site.lock():
                check_address(settings.HOST, settings.PORT)
                check_address(settings.HOST, settings.GATEWAY_PORT, variable="GATEWAY_PORT")
                asyncio.run(supervise())
        except (site.SiteRunning, WrongSetting, postgres.PostgresFailed) as error:
            sys.exit(f"bennet: {error}")
        except StartFailed as error:
            sys.exit(f"bennet: the start was given up because {error} failed; its lines above say why.")


def check_address(host: str, port: int, *, variable: str = "PORT") -> None:
    try:
        with socket.create_server((host, port)):
            pass
    except PermissionError as error:
        raise WrongSetting(variable, str(port), "only root may listen there; choose one from 1024 up.") from error
    except socket.gaierror as error:
        raise WrongSetting("HOST", repr(host), "it is no address of this machine; try 127.0.0.1.") from error
    except OSError as error:
        remedy = f"another program listens there; stop it or choose another {variable}."
        if error.errno == errno.EADDRNOTAVAIL:
            raise WrongSetting("HOST", repr(host), "it is no address of this machine; try 127.0.0.1.") from error
        raise WrongSetting(variable, str(port), remedy) from error


async def supervise() -> None:
    await Supervisor().run(start_all)


async def start_all(supervisor: Supervisor) -> None:
    if settings.EMBEDDED:
        await start_postgres(supervisor, settings.EMBEDDED)
    await supervisor.run_once(programs.Program("prepare", programs.manage("prepare"), runs_once=True))
    await supervisor.start(web())
    while not await asyncio.to_thread(web_answers):
        await asyncio.sleep(0.1)
    for program in behind_the_web():
        await supervisor.start(program)
    await supervisor.run_once(programs.Program("welcome", programs.manage("welcome"), runs_once=True))
    say(f"Bennet is ready at {settings.PUBLIC_URL} and stops on Ctrl-C.")


async def start_postgres(supervisor: Supervisor, server: postgres.Server) -> None:
    await asyncio.to_thread(postgres.prepare, server)
    await supervisor.start(postgres.program(server))
    while not postgres.is_ready(server):
        await asyncio.sleep(0.02)
    await asyncio.to_thread(postgres.create_database, server)


def web() -> programs.Program:
    workers, threads = settings.WEB_WORKERS, settings.WEB_THREADS
    return programs.web(host=settings.HOST, port=settings.PORT, workers=workers, threads=threads)


def behind_the_web() -> list[programs.Program]:
    """Started once the pages are there: nobody waits for these, and each takes a second of processor time."""
    level = settings.LOG_LEVEL
    return [
        programs.worker("default", threads=settings.DEFAULT_WORKER_THREADS, log_level=level),
        programs.worker("training", threads=1, log_level=level),
        programs.beat(log_level=level),
        programs.training_install(settings.INSTALL_STATE),
        programs.serving(),
        programs.gateway(host=settings.HOST, port=settings.GATEWAY_PORT, threads=settings.GATEWAY_THREADS),
    ]


def web_answers() -> bool:
    """Any answer will do: it shows that the server listens and the application is loaded."""
    try:
        urllib.request.urlopen(f"http://{settings.HOST}:{settings.PORT}/healthz", timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True
