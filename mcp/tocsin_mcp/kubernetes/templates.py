"""Pod specs in words: containers with image, variables, resources and probes; volumes; scheduling."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping

from lightkube.models.core_v1 import Container, ContainerPort, EnvVar, PodSpec, Probe, Volume

from tocsin_mcp.kit.output import clip, one_line

from .masking import shown, without_logins

_LONGEST_VALUE = 300


def facts(spec: PodSpec) -> dict[str, str]:
    """A pod spec as flat facts, `container server: env REDIS_ADDR` → `redis-cart:6379`, for telling and comparing.

    Secret values are not in it: neither those of Secrets nor literal ones that a name gives away.
    """
    found: dict[str, str] = {}
    for title, containers in (
        ("init container", spec.initContainers),
        ("container", spec.containers),
    ):
        for container in containers or []:
            for key, value in _container(container):
                found[f"{title} {container.name}: {key}"] = clip(one_line(value), _LONGEST_VALUE)
    for volume in spec.volumes or []:
        found[f"volume {volume.name}"] = _volume(volume)
    return found | dict(_scheduling(spec))


def literals(spec: PodSpec) -> dict[str, str]:
    """Raw values of literal variables and of arguments, only to see whether hidden ones changed; never to be shown."""
    found: dict[str, str] = {}
    for container in [*(spec.initContainers or []), *spec.containers]:
        for variable in container.env or []:
            found[f"{container.name}: env {variable.name}"] = variable.value or ""
        for key, words in (("command", container.command), ("args", container.args)):
            found[f"{container.name}: {key}"] = "\0".join(words or [])
    return found


def lines(spec: PodSpec) -> list[str]:
    """The facts as indented text, one group a container."""
    result: list[str] = []
    group = ""
    for key, value in facts(spec).items():
        head, colon, rest = key.partition(": ")
        if not colon:
            result.append(f"  {key}: {value}")
            continue
        if head != group:
            group = head
            result.append(f"  {head}:")
        result.append(f"    {rest}: {value}")
    return result


def images(spec: PodSpec | None) -> list[str]:
    """The images of the regular containers."""
    return [container.image or "?" for container in spec.containers] if spec else []


def _container(container: Container) -> Iterable[tuple[str, str]]:
    yield "image", container.image or "?"
    for key, words in (("command", container.command), ("args", container.args)):
        if words:
            yield key, without_logins(shlex.join(words))
    if container.ports:
        yield "ports", ", ".join(map(_port, container.ports))
    yield from _environment(container)
    yield from _resources(container)
    yield from _probes(container)
    for mount in container.volumeMounts or []:
        yield f"mount {mount.mountPath}", mount.name + (" (read-only)" if mount.readOnly else "")


def _port(port: ContainerPort) -> str:
    return f"{port.containerPort}/{port.protocol or 'TCP'}" + (
        f" ({port.name})" if port.name else ""
    )


def _environment(container: Container) -> Iterable[tuple[str, str]]:
    for variable in container.env or []:
        yield f"env {variable.name}", _variable(variable)
    for source in container.envFrom or []:
        if source.configMapRef:
            yield f"env from configmap {source.configMapRef.name}", "all keys"
        if source.secretRef:
            yield f"env from secret {source.secretRef.name}", "all keys, values not shown"


def _probes(container: Container) -> Iterable[tuple[str, str]]:
    for title, probe in (
        ("readiness probe", container.readinessProbe),
        ("liveness probe", container.livenessProbe),
        ("startup probe", container.startupProbe),
    ):
        if probe:
            yield title, _probe(probe)


def _variable(variable: EnvVar) -> str:
    source = variable.valueFrom
    if source is None:
        return shown(variable.name, variable.value or "") or '""'
    if source.secretKeyRef:
        return f"<secret {source.secretKeyRef.name}, key {source.secretKeyRef.key}>"
    if source.configMapKeyRef:
        return f"<configmap {source.configMapKeyRef.name}, key {source.configMapKeyRef.key}>"
    if source.fieldRef:
        return f"<field {source.fieldRef.fieldPath}>"
    if source.resourceFieldRef:
        return f"<resource {source.resourceFieldRef.resource}>"
    return "<from elsewhere>"


def _resources(container: Container) -> Iterable[tuple[str, str]]:
    resources = container.resources
    requests = (resources and resources.requests) or {}
    limits = (resources and resources.limits) or {}
    for name in sorted({*requests, *limits}):
        yield name, f"request {requests.get(name, 'none')}, limit {limits.get(name, 'none')}"
    if not requests and not limits:
        yield "resources", "no requests, no limits"


def _probe(probe: Probe) -> str:
    numbers = {
        "delay": probe.initialDelaySeconds or 0,
        "period": probe.periodSeconds or 10,
        "timeout": probe.timeoutSeconds or 1,
        "success": probe.successThreshold or 1,
        "failure": probe.failureThreshold or 3,
    }
    units = {"delay": "s", "period": "s", "timeout": "s", "success": "×", "failure": "×"}
    told = ", ".join(f"{key} {value}{units[key]}" for key, value in numbers.items())
    return f"{_check(probe)}; {told}"


def _check(probe: Probe) -> str:
    if probe.httpGet:
        scheme = (probe.httpGet.scheme or "HTTP").lower()
        return f"{scheme} GET :{probe.httpGet.port}{probe.httpGet.path or '/'}"
    if probe.grpc:
        return f"gRPC :{probe.grpc.port}" + (
            f" service {probe.grpc.service}" if probe.grpc.service else ""
        )
    if probe.tcpSocket:
        return f"TCP :{probe.tcpSocket.port}"
    if probe.exec:
        return f"exec {without_logins(shlex.join(probe.exec.command or []))}"
    return "nothing to check"


def _volume(volume: Volume) -> str:
    if volume.persistentVolumeClaim:
        return f"persistentvolumeclaim {volume.persistentVolumeClaim.claimName}"
    if volume.secret:
        return f"secret {volume.secret.secretName}"
    if volume.configMap:
        return f"configmap {volume.configMap.name}"
    if volume.emptyDir:
        return "emptyDir" + (
            f", at most {volume.emptyDir.sizeLimit}" if volume.emptyDir.sizeLimit else ""
        )
    if volume.hostPath:
        return f"host path {volume.hostPath.path}"
    kinds = ("projected", "csi", "downwardAPI", "nfs", "ephemeral", "image")
    return next((kind for kind in kinds if getattr(volume, kind)), "emptyDir")


def _scheduling(spec: PodSpec) -> Iterable[tuple[str, str]]:
    grace = spec.terminationGracePeriodSeconds
    account = spec.serviceAccountName
    candidates = (
        ("service account", "" if account == "default" else account),
        ("image pull secrets", ", ".join(each.name or "?" for each in spec.imagePullSecrets or [])),
        ("node selector", pairs(spec.nodeSelector) if spec.nodeSelector else ""),
        ("affinity", _affinity(spec)),
        ("host network", "yes" if spec.hostNetwork else ""),
        ("priority class", spec.priorityClassName),
        ("termination grace period", f"{grace}s" if grace not in (None, 30) else ""),
        ("tolerations", _tolerations(spec)),
    )
    return ((key, value) for key, value in candidates if value)


def _affinity(spec: PodSpec) -> str:
    kinds = ("nodeAffinity", "podAffinity", "podAntiAffinity")
    return ", ".join(kind for kind in kinds if spec.affinity and getattr(spec.affinity, kind))


def _tolerations(spec: PodSpec) -> str:
    own = [
        each
        for each in spec.tolerations or []
        if not (each.key or "").startswith("node.kubernetes.io/")
    ]
    return ", ".join(f"{each.key or '*'}={each.value or '*'}:{each.effect or '*'}" for each in own)


def pairs(labels: Mapping[str, object] | None) -> str:
    """`app=cart,tier=web`, sorted; `none` for no labels."""
    return ",".join(f"{key}={value}" for key, value in sorted((labels or {}).items())) or "none"
