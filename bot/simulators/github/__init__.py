"""GitHub's REST API for one recorded repository: its tree, its history, its pull requests and deployments."""

from .faults import Faults
from .simulator import GitHubSimulator

__all__ = ["Faults", "GitHubSimulator"]
