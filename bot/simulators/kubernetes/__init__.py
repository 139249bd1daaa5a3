"""The Kubernetes API of a recorded cluster."""

from .faults import Faults
from .simulator import KubernetesSimulator

__all__ = ["Faults", "KubernetesSimulator"]
