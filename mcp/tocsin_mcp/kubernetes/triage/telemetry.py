"""Traces, metrics and profiles that cannot be sent, and a mesh's configuration that is not renewed: programs serve on
without them, so nobody is blamed for that."""

from __future__ import annotations

import re

_TELEMETRY = re.compile(
    r"otel|telemetry|^collector|jaeger|zipkin|tempo\b|datadog|newrelic|sentry|statsd|logstash|fluent|pyroscope|skywalking"
    r"|metadata\.google|169\.254\.169\.254|cloudtrace|cloudprofiler|stackdriver|monitoring\.googleapis",
    re.IGNORECASE,
)
# The ports are those of OTLP, Jaeger, Zipkin, StatsD and the Datadog agent.
_EXPORTING = re.compile(
    r"(?:export|upload|send|flush|push|report)\w* (?:\w+ )?(?:spans?|traces|metrics|telemetry|profiles?)\b|\btraces? export|\bprofiler\b|stackdriver"
    r"|OTLP\w* ?export|SpanExporter|MetricExporter|BatchSpanProcessor|MetadataLookupWarning|computeMetadata|opentelemetry"
    r"|:(?:4317|4318|14250|14268|9411|8125|8126)\b",
    re.IGNORECASE,
)

_OF_MESH = re.compile(
    r"\bxds\b|xds-grpc|AggregatedResources|gRPC config stream|istiod\b|linkerd[_-](?:policy|dst|destination|identity)|linkerd_app_\w+::policy",
    re.IGNORECASE,
)


def is_telemetry(text: str, host: str = "") -> bool:
    """Whether a line is about traces, metrics or profiles that could not be sent: programs serve on without them."""
    return bool(_TELEMETRY.search(host) or _EXPORTING.search(text))


def is_of_mesh(text: str) -> bool:
    """Whether a line is about the stream over which a sidecar gets its configuration: it serves on with the last one."""
    return bool(_OF_MESH.search(text))
