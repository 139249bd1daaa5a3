"""Read-only tools on a Kubernetes cluster, with texts made for finding out why something is broken."""
