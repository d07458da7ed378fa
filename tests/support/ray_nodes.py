"""A cluster of Ray on loopback in a process of its own, told by lines what to do: `add {"num_gpus": 1}`, `lose 0`.

A head that runs nothing, and nodes of one processor. The first line it prints is the head's address, then an answer to
each line that it reads.
"""

import json
import socket
import sys
from typing import Any

from ray.cluster_utils import Cluster

HEALTH = {
    "health_check_initial_delay_ms": 0,
    "health_check_period_ms": 1000,
    "health_check_failure_threshold": 10,
}
PORTS = ("metrics_agent_port", "metrics_export_port", "dashboard_agent_listen_port", "runtime_env_agent_port")
STARTS = 6
STORE = 80 * 2**20


def port() -> int:
    """Return a port that is free."""
    with socket.socket() as one:
        one.bind(("", 0))
        return int(one.getsockname()[1])


def node() -> dict[str, Any]:
    """Return what each node is started with."""
    return {**{name: port() for name in PORTS}, "object_store_memory": STORE, "include_log_monitor": False}


def added(cluster: Cluster, **given: Any) -> Any:
    """Start a node, again where that fails: a raylet gives its agents fifteen seconds, which a busy machine exceeds."""
    for left in reversed(range(STARTS)):
        try:
            return cluster.add_node(**node(), **given)
        except Exception:
            if not left:
                raise
    raise AssertionError


def main() -> None:
    """Start the head, do as the lines say, end everything after the last. argv: port for clients from outside."""
    head = {"num_cpus": 0, "include_dashboard": False, "no_monitor": True, "_system_config": HEALTH}
    head["ray_client_server_port"] = int(sys.argv[1])
    cluster = Cluster()
    added(cluster, **head)
    nodes: list[Any] = []
    answer(str(cluster.address))
    for line in sys.stdin:
        word, _, rest = line.strip().partition(" ")
        if word == "add":
            nodes.append(added(cluster, **json.loads(rest)))
            answer(str(nodes[-1].node_id))
        else:
            cluster.remove_node(nodes.pop(int(rest)), allow_graceful=False)
            answer("lost")
    cluster.shutdown()


def answer(text: str) -> None:
    """Print what the other side waits for."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
