"""Run a stage: `python -m training sft --config run.json`."""

import sys

from training.cli import main

sys.exit(main())
