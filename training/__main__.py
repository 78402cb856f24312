"""Run a stage: `python -m training sft --config run.json`."""

import signal
import sys

from training.cli import INTERRUPTED, main

# Until a recipe listens, there is nothing to save: whoever asks early gets the same answer, only sooner.
signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(INTERRUPTED))
sys.exit(main())
