"""Amazon CloudWatch for one recorded incident: metrics and alarms over AWS's JSON protocol, no logs."""

from .faults import Faults
from .simulator import CloudWatchSimulator

__all__ = ["CloudWatchSimulator", "Faults"]
