#!/usr/bin/env python3
import os
import sys
from importlib import import_module


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotation.settings")
    from annotation.environment import WrongSetting

    try:
        import_module(os.environ["DJANGO_SETTINGS_MODULE"])
    except WrongSetting as error:
        sys.exit(f"bennet: {error}")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
