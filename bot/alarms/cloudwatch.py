"""What CloudWatch says in the same way whoever forwards it: dimensions, state reasons, console links."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from urllib.parse import unquote

from bot.alarms.alarm import State
from bot.alarms.kubernetes_names import workload_of
from bot.alarms.labels import merged
from bot.alarms.times import first_datapoint, labelled_time

REGION: Final = r"(?:af|ap|ca|cn|eu|il|me|mx|sa|us)(?:-gov)?-[a-z]+-\d"

_REGION = re.compile(rf"\b({REGION})\b")
_CITIES: Final = {
    "N. Virginia": "us-east-1",
    "Ohio": "us-east-2",
    "N. California": "us-west-1",
    "Oregon": "us-west-2",
    "Ireland": "eu-west-1",
    "London": "eu-west-2",
    "Paris": "eu-west-3",
    "Frankfurt": "eu-central-1",
    "Zurich": "eu-central-2",
    "Stockholm": "eu-north-1",
    "Milan": "eu-south-1",
    "Spain": "eu-south-2",
    "Tokyo": "ap-northeast-1",
    "Seoul": "ap-northeast-2",
    "Osaka": "ap-northeast-3",
    "Singapore": "ap-southeast-1",
    "Sydney": "ap-southeast-2",
    "Jakarta": "ap-southeast-3",
    "Melbourne": "ap-southeast-4",
    "Mumbai": "ap-south-1",
    "Hyderabad": "ap-south-2",
    "Hong Kong": "ap-east-1",
    "Calgary": "ca-west-1",
    "Sao Paulo": "sa-east-1",
    "São Paulo": "sa-east-1",
    "Bahrain": "me-south-1",
    "UAE": "me-central-1",
    "Tel Aviv": "il-central-1",
    "Cape Town": "af-south-1",
}
"""SNS writes a region as `US East (N. Virginia)`; a console link in another post of the alarm has its code."""
_CITY = re.compile(rf"\((?P<city>{'|'.join(map(re.escape, _CITIES))})\)|\bCanada \(Central\)")
_ACCOUNT_IN_ARN = re.compile(r"arn:aws[a-z-]{0,12}:cloudwatch:[a-z0-9-]{1,30}:(\d{12}):alarm:")
_DIMENSION = re.compile(
    r"\b(?P<name>ServiceName|Service|PodName|Namespace|FunctionName|LoadBalancer|TargetGroup|ClusterName|QueueName"
    r"|TableName|DBInstanceIdentifier|DBClusterIdentifier|CacheClusterId|InstanceId|AutoScalingGroupName|ApiName"
    r"|TopicName|StateMachineArn|BucketName|ContainerName|Environment|DeploymentName|NodeName|StreamName)"
    r"[`*\"' ]*[:=][`*\"' ]*(?P<value>[\w./:-]{1,200})"
)
_SERVICE_DIMENSIONS: Final = ("servicename", "service", "deploymentname", "podname", "functionname")
_RESOURCE_DIMENSIONS: Final = (
    "targetgroup",
    "loadbalancer",
    "apiname",
    "queuename",
    "tablename",
    "statemachinearn",
    "dbclusteridentifier",
    "dbinstanceidentifier",
    "cacheclusterid",
)
_STATES: Final[dict[str, State]] = {
    "ALARM": "firing",
    "OK": "resolved",
    "INSUFFICIENT_DATA": "firing",
}


def state_of(word: str) -> State | None:
    """CloudWatch's three states. `INSUFFICIENT_DATA` is firing: nobody knows that all is well."""
    return _STATES.get(word.strip().strip("`*").upper().replace(" ", "_"))


def dimensions_in(text: str) -> dict[str, str]:
    """`ServiceName: cartservice` and the like anywhere in a text, names in lower case as labels have them."""
    pairs = (
        (match["name"].lower(), match["value"]) for match in _DIMENSION.finditer(text[:20_000])
    )
    return {_metric_namespaced(name, value): value.rstrip(".:") for name, value in pairs}


def labels_of(*sources: Mapping[str, str]) -> dict[str, str]:
    """The labels of all sources, what comes first wins."""
    labels = merged(*sources)
    return {_metric_namespaced(name, value): value for name, value in labels.items()}


def _metric_namespaced(name: str, value: str) -> str:
    """The name of a label: a `namespace` such as `AWS/ECS` groups metrics and is none of Kubernetes."""
    return "metric_namespace" if name == "namespace" and "/" in value else name


def service_of(labels: Mapping[str, str]) -> tuple[str, str]:
    """The service a dimension names, and the reason; empty when none does.

    `app/boutique-prod/50dc6c495c0c9188` is the load balancer `boutique-prod`, a pod is its workload.
    """
    for name in _SERVICE_DIMENSIONS:
        if labels.get(name):
            value = workload_of(labels[name]) if name == "podname" else labels[name]
            return value, f"dimension {name}"
    for name in _RESOURCE_DIMENSIONS:
        if labels.get(name):
            return resource_name(labels[name]), f"dimension {name}"
    return "", ""


def resource_name(value: str) -> str:
    """The name a person gave, out of a dimension value or an ARN."""
    parts = [part for part in re.split(r"[/:]", value) if part]
    named = [
        part for part in parts if part not in ("app", "net", "gwy", "targetgroup", "loadbalancer")
    ]
    return named[0] if "/" in value and named else (parts[-1] if parts else value)


def region_in(text: str) -> str:
    """The code of the first AWS region in a text, by code or else by name; empty when there is none."""
    match = _REGION.search(text)
    if match:
        return match[1]
    named = _CITY.search(text)
    return _CITIES.get(named["city"], "ca-central-1") if named else ""


def account_in(text: str) -> str:
    """The account number of the first alarm ARN in a text, empty when there is none."""
    match = _ACCOUNT_IN_ARN.search(unquote(text[:20_000]))
    return match[1] if match else ""


def started(reason: str, state: State, posted_at: datetime) -> tuple[datetime, str]:
    """The oldest datapoint that crossed the threshold; a resolved alarm's reason names later ones, so it has none."""
    if state == "firing":
        moment = first_datapoint(reason, posted_at)
        if moment is not None:
            return moment, "the oldest datapoint in the state reason"
        moment = labelled_time(reason, posted_at)
        if moment is not None:
            return moment, "a time in the text"
    return posted_at, "the time of the post"
