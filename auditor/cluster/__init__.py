"""The same engine on a cluster, for logs beyond one machine: wants the extra `auditor[spark]`; the desktop does not."""
