"""GitHub's API for one recorded repository: its tree, its history, its pull requests and deployments."""

from .apps import App
from .faults import Faults
from .simulator import GitHubSimulator

__all__ = ["App", "Faults", "GitHubSimulator"]
