"""A Prometheus for one recorded incident: its HTTP API over the samples of a scenario's `metrics.csv`."""

from .faults import Faults
from .simulator import PrometheusSimulator

__all__ = ["Faults", "PrometheusSimulator"]
