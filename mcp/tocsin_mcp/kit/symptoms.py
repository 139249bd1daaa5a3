"""What a change must touch to bring about a failure of a given class: an image tag for a failed pull, a limit for an OOM kill.

The classes are those of `tocsin triage --causes`. Some have their cause outside any repository; code of any kind may be
behind others, and no kind is asked for those.
"""

from __future__ import annotations

import re

_KINDS: tuple[tuple[str, str], ...] = (
    (r"image_", r"\bimages?\b|\btag\b|newTag|\bFROM\b|imagePullSecrets|registry"),
    (r"oom_killed|heap_|evicted_memory|\w+_memory$", r"memory|limits|requests|Xmx|heap|cache|buffer|alloc|append\(|\bmake\("),
    (r"cpu_throttled|\w+_cpu$", r"\bcpu\b|limits|requests|\bloop|\bwhile\b|\bfor\b|threads?|workers?"),
    (r"scheduling_|scheduler_unknown", r"nodeSelector|[aA]ffinity|toleration|taint|topologySpread|requests|nodeName|hostPort|schedul|gate|volume"),
    (r"(?:liveness|readiness|startup)_probe_|probe_failing", r"[pP]robe|\bport\b|\bpath\b|[dD]elay|Threshold|periodSeconds|timeoutSeconds|health|listen"),
    (r"service_selector", r"selector|labels|\bapp\b"),
    (r"service_\w+_mismatch|no_endpoints", r"[pP]ort|protocol|selector|labels"),
    (r"service_missing", r"kind: Service|\bService\b"),
    (r"address_|dependency_unreachable", r"_(?:ADDR|HOST|PORT|URL|URI|ENDPOINT)|[aA]ddr|\bhost\b|\burl\b|[pP]ort|replicas"),
    (r"dns_", r"dnsPolicy|dnsConfig|nameserver|NetworkPolicy|policyTypes|[eE]gress|hostNetwork|[cC]ore[fF]ile"),
    (r"network_policy", r"NetworkPolicy|policyTypes|[eE]gress|[iI]ngress|podSelector"),
    (r"secret_|configmap_|config_value", r"[sS]ecret|[cC]onfig|getenv|environ|\benv\b|[A-Z][A-Z0-9]*_[A-Z0-9_]+"),
    (r"volume_|claim_|disk_full|file_permission|evicted_disk", r"[vV]olume|mountPath|storage|accessModes|[cC]laim|readOnly|fsGroup|runAs|chmod|chown|\blog"),
    (r"scaled_to_zero|replicas_missing|hpa_", r"replicas|Autoscaler|minReplicas|maxReplicas|metrics"),
    (r"quota_|limit_range", r"Quota|hard:|LimitRange|limits|requests|replicas|kind: Service|storage"),
    (r"service_account|rbac", r"[sS]ervice[aA]ccount|Role|rules|verbs|resources"),
    (r"pod_security|security_context|admission_denied", r"securityContext|runAs|privileged|[cC]apabilit|seccomp|pod-security|labels"),
    (r"connection_pool|database_connections", r"[pP]ool|[cC]onn|idle|[mM]ax_?[oO]pen|close\("),
    (r"database_credentials|credentials_", r"[pP]assword|[uU]ser|[sS]ecret|[cC]redential|[aA]uth|[tT]oken"),
    (r"database_(?:missing|deadlock|read_only)", r"[mM]igrat|[sS]chema|[tT]able|[tT]ransaction|[lL]ock|read.?only|database|SELECT|UPDATE|INSERT"),
    (r"network_delay", r"[tT]imeout|[dD]eadline|[lL]atency|[sS]leep|[rR]etr|\bwait|[cC]ache|[qQ]uery"),
    (r"command_", r"command|args|ENTRYPOINT|\bCMD\b|chmod|COPY|platform"),
    (r"port_conflict", r"[pP]ort|containers|sidecar|listen"),
    (r"lifecycle_hook|init_container", r"lifecycle|postStart|preStop|initContainers"),
    (r"certificate_|image_registry_certificate", r"[cC]ert|\btls\b|\bTLS\b|\bca\b"),
    (r"ingress_", r"[iI]ngress|host|backend|path|tls|secretName"),
    (r"job_|cronjob_", r"schedule|backoffLimit|activeDeadline|command|args"),
)  # fmt: skip
_COMPILED = tuple((re.compile(cause), re.compile(kind)) for cause, kind in _KINDS)
_ELSEWHERE = re.compile(
    r"node_|kubelet_|container_runtime|scheduler_unavailable|kube_proxy|controller_manager|cluster_network|dns_server|"
    r"external_dependency|certificate_|image_registry_|image_rate|evicted_|volume_multi_attach|volume_attach|claim_lost|healthy"
)


_SHARED = re.compile(
    r"quota_|limit_range|network_policy|ingress_|pod_security|dns_config|admission_"
)


def is_shared(cause: str) -> bool:
    """Whether a class comes from an object of the whole namespace, in no service's folder."""
    return bool(_SHARED.match(cause))


def kind_of(cause: str) -> re.Pattern[str] | None:
    """What a diff that brings about this class holds; None for a class that any code may cause, or an unknown one."""
    return next((kind for pattern, kind in _COMPILED if pattern.match(cause)), None)


def is_elsewhere(cause: str) -> bool:
    """Whether a class mostly has its cause in no repository: nodes, registries, certificates, other people's services."""
    return bool(_ELSEWHERE.match(cause))
