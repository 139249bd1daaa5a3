"""The table behind `causes`: name | meaning | signal | aliases, one cause a line, groups begun by `#`."""

TABLE = """
# nothing wrong
healthy | nothing is broken now | all replicas available, no recent errors; old restarts and events are history | recovered none no_fault

# processes that end
crash_loop | the process ends again and again with an error of its own | exit code 1, 2 or another that the program chose, its last log lines | crash_loop_backoff crashloop crashloopbackoff
crash_segfault | the process touches memory that it must not | exit code 139 or 135 (SIGSEGV, SIGBUS) | segmentation_fault
crash_abort | the process aborts itself | exit code 134, 132 or 136 (SIGABRT, SIGILL, SIGFPE) | abort
crash_killed | something kills the process, not the memory limit and not a probe | exit code 137 or 143 without OOMKilled and without a failed liveness probe | sigkill
crash_completed | a process that should run for ever ends without an error | exit code 0 in a workload that restarts always | exits_successfully
command_not_found | the command of the container does not exist in the image | exit code 127, or StartError with "executable file not found" or "no such file" | executable_not_found start_error
command_not_executable | the command exists and may not be executed, or not on this processor | exit code 126, "permission denied" or "exec format error" at the start | exec_format_error

# memory
oom_killed | a container needs more memory than its limit | terminated reason OOMKilled, or "container init was OOM-killed" from the sandbox | out_of_memory memory_limit memory_limit_too_low container_memory_limit_too_low
heap_exhausted | a language runtime ran out of its own heap | OutOfMemoryError, "heap out of memory", MemoryError in the log | java_heap_space
node_out_of_memory | the node ran out of memory and killed processes | node event SystemOOM or OOMKilling | system_oom
evicted_memory | the kubelet evicted pods because the node had no memory left | pod status Evicted "low on resource: memory" | memory_eviction
evicted_disk | the kubelet evicted pods because the node or the pod used too much disk | pod status Evicted "ephemeral-storage", "disk" | disk_eviction ephemeral_storage_exceeded

# images
image_not_found | the tag or the repository does not exist | pull error "not found", "manifest unknown" | image_tag_missing wrong_image incorrect_image_reference image_pull_backoff bad_image_tag
image_pull_secret_missing | the registry wants a login and the pod has no pull secret, or one that does not exist | pull error 401, 403, "denied", "anonymous token" and imagePullSecrets | missing_image_pull_secret missing_pull_secret
image_pull_unauthorized | the registry refuses the login of the existing pull secret | pull error 401, 403, "denied" although the secret exists | image_pull_denied
image_registry_unresolvable | the registry's name cannot be resolved | pull error "no such host", "lookup" | image_registry_dns_failure registry_dns
image_registry_unreachable | the registry's address does not answer | pull error "i/o timeout", "connection refused" | registry_timeout
image_registry_certificate | the registry's certificate is not accepted | pull error "x509" | registry_tls
image_rate_limited | the registry limits the number of pulls | pull error "toomanyrequests" | toomanyrequests
image_name_invalid | the image name cannot be parsed | waiting reason InvalidImageName | invalid_image_name
image_never_pulled | the policy forbids to pull and the node has no such image | waiting reason ErrImageNeverPull | err_image_never_pull
image_platform_mismatch | the image is not built for the node's processor | pull error "no match for platform" | wrong_architecture
image_pull_failed | an image cannot be pulled, for a reason that is not said | waiting reason ErrImagePull or ImagePullBackOff | err_image_pull

# configuration
secret_missing | a Secret that the pod needs does not exist | CreateContainerConfigError or FailedMount "secret not found" | missing_secret missing_secret_binding
secret_key_missing | the Secret exists and lacks the key | CreateContainerConfigError "couldn't find key … in Secret" | missing_secret_key
configmap_missing | a ConfigMap that the pod needs does not exist | CreateContainerConfigError or FailedMount "configmap not found" | missing_configmap
configmap_key_missing | the ConfigMap exists and lacks the key | CreateContainerConfigError "couldn't find key … in ConfigMap" | missing_configmap_key
security_context_invalid | the security context forbids this image's user | "runAsNonRoot" and an image that runs as root | run_as_non_root
config_value_missing | the program says that a setting or variable is missing | log "environment variable … not set", KeyError, "missing required" | missing_env missing_environment_variable
config_value_invalid | the program says that a setting has an unusable value | log "invalid value", "failed to parse config" | bad_config invalid_config
container_create_failed | a container cannot be created, for another reason | CreateContainerError, RunContainerError | create_container_error
lifecycle_hook_failed | a postStart hook fails and kills the container | waiting reason PostStartHookError, event FailedPostStartHook | post_start_hook_error
init_container_failed | an init container fails, so that the pod never starts | init container terminated with an error | init_error
rbac_denied | the pod's service account may not do what the program asks of the Kubernetes API | log "is forbidden: User … cannot … resource" | rbac_misconfiguration rbac_forbidden
port_conflict | two processes of the pod want the same port | log "address already in use"; two containers with one port | address_in_use service_sidecar_port_conflict sidecar_port_conflict

# volumes
volume_mount_failed | a volume cannot be mounted, for a reason other than those below | event FailedMount while the pod waits | failed_mount
volume_attach_failed | a volume cannot be attached to the node | event FailedAttachVolume while the pod waits | failed_attach_volume
volume_multi_attach | a volume is still attached to another node | event "Multi-Attach error" | multi_attach
volume_driver_missing | the node has no driver for this kind of volume | event "driver name … not found" | csi_driver_not_found
volume_permission_denied | the process may not read or write its mounted volume | log "permission denied" or EACCES below a mount path | volume_mount_permission_denied
volume_read_only | the process writes to a volume or file system that is read-only | log "read-only file system" | read_only_file_system
file_permission_denied | the process may not use a file outside its volumes | log "permission denied" on a path | permission_denied
disk_full | a volume or disk has no space left | log "no space left on device", ENOSPC | enospc no_space_left
claim_missing | the pod names a volume claim that does not exist | scheduling message "persistentvolumeclaim … not found" | pvc_missing
claim_storage_class_mismatch | the claim's storage class does not exist, or no volume has it | claim Pending, compared with storage classes and volumes | pvc_storage_class_mismatch storage_class_missing missing_storage_class
claim_access_mode_mismatch | no volume offers the access modes that the claim wants | claim Pending, compared with volumes | pvc_access_mode_mismatch
claim_capacity_mismatch | no volume is as large as the claim wants | claim Pending, compared with volumes | pvc_capacity_mismatch
claim_selector_mismatch | no volume carries the labels that the claim selects | claim Pending, compared with volumes | pvc_selector_mismatch
claim_volume_taken | the volume that would fit is bound to another claim, or released and not cleaned | claim Pending, claimRef of the volume | pv_binding_occupied pvc_volume_taken
claim_provisioning_failed | the storage driver cannot make the volume | event ProvisioningFailed on a Pending claim | provisioning_failed
claim_lost | the volume behind a bound claim is gone | claim phase Lost | pvc_lost
claim_unbound | a claim stays unbound, for a reason that is not said | claim Pending, scheduling message "unbound immediate" | pvc_unbound pvc_pending unbound_pvc

# scheduling
scheduling_insufficient_cpu | no node has the CPU that the pod requests | message "Insufficient cpu", requests against allocatable | insufficient_cpu cpu_capacity_mismatch
scheduling_insufficient_memory | no node has the memory that the pod requests | message "Insufficient memory" | insufficient_memory memory_capacity_mismatch
scheduling_insufficient_storage | no node has the ephemeral storage that the pod requests | message "Insufficient ephemeral-storage" | insufficient_ephemeral_storage
scheduling_insufficient_device | no node has the GPU or other device that the pod requests | message "Insufficient nvidia.com/gpu" and the like | insufficient_gpu insufficient_extended_resource
scheduling_too_many_pods | the nodes run as many pods as they may | message "Too many pods" | too_many_pods
scheduling_untolerated_taint | the nodes have a taint that the pod does not tolerate | message "untolerated taint", taints against tolerations | untolerated_taint taint_toleration_mismatch
scheduling_node_selector | no node has the labels of the pod's nodeSelector | nodeSelector against node labels | node_selector_mismatch
scheduling_node_affinity | no node fits the pod's required node affinity | nodeAffinity against node labels | node_affinity_mismatch
scheduling_pod_affinity | no node runs the pods that the pod must be near | message "didn't match pod affinity rules" | pod_affinity_mismatch
scheduling_pod_anti_affinity | every node runs a pod that the pod must avoid | message "didn't match pod anti-affinity rules" | pod_anti_affinity_conflict
scheduling_topology_spread | the spread constraint leaves no node | message "topology spread constraints" | topology_spread
scheduling_volume_affinity | the volume is in a zone or on a node where the pod may not run | message "volume node affinity conflict" | volume_node_affinity_conflict
scheduling_host_port | the wanted host port is taken on every node | message "free ports for the requested pod ports" | host_port_conflict
scheduling_node_cordoned | the node that the pod needs is cordoned | spec.unschedulable of a worker that fits | node_cordoned node_cordon_mismatch cordoned_node
scheduling_gated | a scheduling gate holds the pod back | condition SchedulingGated | scheduling_gates
scheduling_failed | no node fits, for another reason | event FailedScheduling | unschedulable
scheduler_unknown | the pod names a scheduler that does not run | spec.schedulerName and no event at all | wrong_scheduler_name

# objects that are not created
quota_pods | the quota of pods is used up | "exceeded quota" on pods, or used equals hard | namespace_pod_quota_exceeded pod_quota
quota_cpu | the CPU quota is used up | "exceeded quota" on cpu | namespace_cpu_quota_exceeded cpu_quota
quota_memory | the memory quota is used up | "exceeded quota" on memory | namespace_memory_quota_exceeded memory_quota
quota_services | the quota of services is used up | "exceeded quota" on services, or a missing Service while used equals hard | namespace_service_quota_exceeded service_quota
quota_storage | the quota of storage or volume claims is used up | "exceeded quota" on storage or persistentvolumeclaims | namespace_storage_quota_exceeded storage_quota
quota_objects | another quota is used up | "exceeded quota" | quota_exceeded resource_quota_exceeded
quota_requires_resources | a quota demands requests or limits that the pod does not have | "failed quota … must specify" | must_specify_resources
limit_range | the pod's resources are outside the namespace's limits | "maximum … usage per Container", "minimum …" | limitrange_violation
service_account_missing | the pod's service account does not exist | "serviceaccount not found", serviceAccountName against service accounts | missing_service_account
pod_security | the namespace's Pod Security level forbids the pod | "violates PodSecurity" | pod_security_violation
admission_denied | an admission webhook or policy refuses the object | "admission webhook … denied the request" | admission_webhook_denied
admission_webhook_unavailable | an admission webhook does not answer | "failed calling webhook" | webhook_unavailable
priority_class_missing | the pod's priority class does not exist | "no PriorityClass with name" | missing_priority_class
create_refused | the API refuses to create the pod, for another reason | event FailedCreate, condition ReplicaFailure | failed_create forbidden

# probes
liveness_probe_wrong_port | the liveness probe asks a port where nothing listens | probe port against container ports | liveness_probe_incorrect_port
liveness_probe_wrong_protocol | the liveness probe speaks another protocol than the port | "malformed HTTP", HTTP against gRPC | liveness_probe_incorrect_protocol
liveness_probe_wrong_path | the liveness probe asks a path that does not exist | status 404 | liveness_probe_incorrect_path
liveness_probe_timing | the liveness probe kills the process before it can be ready | initialDelaySeconds, failureThreshold, time until the kill | liveness_probe_incorrect_timing
readiness_probe_wrong_port | the readiness probe asks a port where nothing listens | probe port against container ports | readiness_probe_incorrect_port
readiness_probe_wrong_protocol | the readiness probe speaks another protocol than the port | "malformed HTTP", HTTP against gRPC | readiness_probe_incorrect_protocol
readiness_probe_wrong_path | the readiness probe asks a path that does not exist | status 404 | readiness_probe_incorrect_path
readiness_probe_timing | the readiness probe gives the process too little time | timeoutSeconds, failureThreshold | readiness_probe_incorrect_timing
startup_probe_wrong_port | the startup probe asks a port where nothing listens | probe port against container ports | startup_probe_incorrect_port
startup_probe_wrong_protocol | the startup probe speaks another protocol than the port | "malformed HTTP", HTTP against gRPC | startup_probe_incorrect_protocol
startup_probe_wrong_path | the startup probe asks a path that does not exist | status 404 | startup_probe_incorrect_path
startup_probe_timing | the startup probe kills the process before it has started | failureThreshold × periodSeconds | startup_probe_incorrect_timing
probe_failing | the probe is right and the program does not answer it well | event Unhealthy, running and not ready | liveness_probe_failed readiness_probe_failed app_not_listening

# services and addresses
service_selector_mismatch | the service selects no pod, or another workload's pods | selector against pod labels | wrong_selector
service_target_port_mismatch | the service sends traffic to a port that the pods do not have | targetPort against container ports | service_port_mapping_mismatch wrong_target_port target_port_mismatch
service_port_mismatch | the service offers another port than its clients call | service port against the addresses in variables | wrong_service_port
service_protocol_mismatch | the service's protocol is not that of the pods | protocol of service port and container port | wrong_service_protocol
service_missing | a workload runs and its Service does not exist | addresses and workloads against services | missing_service service_deleted
no_endpoints | nothing ready stands behind a service, for no other known reason | endpoints | service_no_endpoints
address_unknown_host | a variable names a host that does not exist, or another service than it means | variables against services | service_env_var_address_mismatch env_address_mismatch wrong_env_address
address_wrong_port | a variable names a port that the service does not offer | variables against service ports | env_port_mismatch mysql_invalid_port wrong_port
ingress_backend_missing | an Ingress sends traffic to a service or port that does not exist, or to the wrong one | Ingress backends against services | gateway_misrouted gateway_misroute
ingress_class_missing | an Ingress names no class that a controller serves | ingressClassName | ingress_class
ingress_tls_missing | the Secret with the certificate of an Ingress does not exist | Ingress tls against secrets | ingress_tls_secret_missing

# network
dns_failure | names that exist cannot be resolved | log errors against existing services | service_dns_resolution_failure dns
dns_server_down | the cluster's DNS server is down | kube-dns pods and endpoints | coredns_down
dns_config_invalid | the pod's own DNS settings do not lead to the cluster's DNS | dnsPolicy, dnsConfig | wrong_dns_policy
network_policy_denies | a network policy cuts a connection that is needed | policies against the addresses in variables, timeouts | network_policy blocked_by_network_policy
cluster_network_failure | pods on a node reach nothing although all is ready | many callees fail from one node | network_failure cni_failure node_network_packet_loss
network_delay | connections are slow without being cut | deadlines exceeded towards healthy callees | pod_network_delay node_network_delay latency
dependency_unreachable | a service of the namespace does not answer, for no reason that its state shows | connection errors of callers | dependency_down connection_refused
external_dependency_unreachable | something outside the namespace does not answer or cannot be resolved | connection errors that name an outside host | external_service_down

# rollouts and scale
scaled_to_zero | a workload that others need is scaled to zero | spec.replicas 0 and callers | replicas_zero deployment_zero_replicas zero_replicas
rollout_stuck | a rollout makes no progress, for no other known reason | Progressing=False, ProgressDeadlineExceeded | progress_deadline_exceeded
rollout_paused | a rollout is paused half way | spec.paused with old pods | paused
replicas_missing | fewer pods exist than wanted, for no other known reason | status.replicas below spec.replicas | missing_replicas
pod_not_ready | a pod is not ready, for no other known reason | condition Ready=False | not_ready
hpa_no_metrics | the autoscaler cannot read its metrics | ScalingActive=False, FailedGetResourceMetric | failed_get_resource_metric
hpa_at_maximum | the autoscaler wants more pods than its maximum | ScalingLimited=True, TooManyReplicas | scaling_limited
hpa_target_missing | the autoscaler's target does not exist | AbleToScale=False, FailedGetScale | failed_get_scale

# nodes and control plane
kubelet_down | the node's kubelet does not report | Ready=Unknown, "stopped posting node status", pods that never start | kubelet_unavailable node_unreachable
container_runtime_down | the node's container runtime does not answer | "container runtime is down", PLEG, containerd.sock | containerd_unavailable runtime_unavailable
node_not_ready | a node is not ready, for another reason | Ready=False | node_down
node_memory_pressure | a node has too little memory | condition MemoryPressure | memory_pressure
node_disk_pressure | a node has too little disk | condition DiskPressure | disk_pressure
node_pid_pressure | a node has too few process ids | condition PIDPressure | pid_pressure
node_network_unavailable | a node's network is not set up | condition NetworkUnavailable, "cni plugin not initialized" | network_unavailable
scheduler_unavailable | the scheduler does not run | Pending pods without node and without any FailedScheduling; its pod | kube_scheduler_unavailable scheduler_down
kube_proxy_down | kube-proxy does not run on a node | its pods and DaemonSet in kube-system | kube_proxy_unavailable
controller_manager_down | the controllers do not run | observedGeneration behind generation; the pod in kube-system | kube_controller_manager_unavailable

# jobs
job_failed | a job failed as often as it may | condition Failed, BackoffLimitExceeded | backoff_limit_exceeded job_backoff_limit
job_deadline | a job took longer than it may | condition Failed, DeadlineExceeded | deadline_exceeded_job
cronjob_missed | a schedule was missed too often to start | event FailedNeedsStart | failed_needs_start
cronjob_invalid_schedule | the schedule cannot be parsed | event UnparseableSchedule, InvalidSchedule | invalid_schedule

# certificates and logins
certificate_expired | a certificate is past its end | log "certificate has expired", CERT_HAS_EXPIRED | cert_expired tls_expired
certificate_untrusted | a certificate is signed by nobody that the client knows | log "unknown authority", "self-signed", CERTIFICATE_VERIFY_FAILED | unknown_authority
certificate_wrong_name | a certificate is for another name | log "is valid for … not …" | hostname_mismatch
credentials_rejected | another service refuses the login | log 401, "invalid credentials", "WRONGPASS" | auth_failed unauthorized
database_credentials | the database refuses user or password | log "Access denied for user", "password authentication failed" | mysql_invalid_credentials db_auth_failed
database_missing | the database or table does not exist | log "Unknown database", "relation … does not exist" | missing_table unknown_database

# databases and pools
database_connections_exhausted | the database has no connection left | log "Too many connections", "remaining connection slots" | db_connection_exhaustion too_many_connections
connection_pool_exhausted | the program's own pool has no connection left | log "Connection is not available", "QueuePool limit" | pool_exhausted
database_read_only | the database accepts no writes | log "read-only", error 1290 | db_readonly db_read_only db_readonly_mode
database_deadlock | transactions wait for each other | log "deadlock", "lock wait timeout" | deadlock

# performance
cpu_throttled | a container wants more CPU than its limit | usage at the limit, throttled share above a quarter | cpu_throttling pod_cpu_overload cpu_limit
rate_limited | a callee limits the number of requests | log 429, "rate limit", "too many requests" | throttled_by_callee

# programs
code_exception | the program's own code throws while it serves | stack trace with frames of its own in the log | code_defect unhandled_exception unhandled_error exception
application_errors | the program logs errors of its own, without a stack trace | error lines that name no other service | app_errors
upstream_errors | the program reports errors that it got from others | error lines that carry a callee's status | rpc_errors

"""
