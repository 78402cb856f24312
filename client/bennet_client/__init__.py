"""Bennet from Python, without Django: import, freeze, read data sets, train."""

from bennet_client.client import Bennet
from bennet_client.http import BennetError, DamagedDownload
from bennet_client.jobs import Job, JobFailed, JobStillRunning
from bennet_client.project import Import, Project
from bennet_client.release import Release, View
from bennet_client.training import Batch, Model, Run

__all__ = [
    "Batch", "Bennet", "BennetError", "DamagedDownload", "Import", "Job", "JobFailed", "JobStillRunning", "Model",
    "Project", "Release", "Run", "View",
]  # fmt: skip
