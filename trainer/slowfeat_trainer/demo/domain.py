"""A ROS domain of the demo's own, so that it disturbs no robot and no robot disturbs it."""

from __future__ import annotations

import os
import random
import socket

from slowfeat.live.fastdds import use_profile

# Above 101 the ports of a domain can collide with those that Linux hands out by itself.
LAST_DOMAIN = 101
# Where the first participant of a domain on a machine listens (DDS Interoperability, 9.6.1.1).
BASE_PORT, PORTS_A_DOMAIN, FIRST_UNICAST = 7400, 250, 10


def isolate() -> int:
    """Set the ROS environment of this process and its children; returns the domain.

    A ROS_DOMAIN_ID that the user set stays. To be called before rclpy.init.
    """
    os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
    # This process's word would override the range.
    os.environ.pop("ROS_LOCALHOST_ONLY", None)
    given = os.environ.get("ROS_DOMAIN_ID", "")
    domain = int(given) if given.isdigit() else free_domain()
    os.environ["ROS_DOMAIN_ID"] = str(domain)
    # Large raw images need it in the process that sends them.
    use_profile()
    return domain


def free_domain() -> int:
    """A random domain in which nobody on this machine is."""
    candidates = random.sample(range(1, LAST_DOMAIN + 1), LAST_DOMAIN)
    return next((domain for domain in candidates if _is_free(domain)), candidates[0])


def _is_free(domain: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("", BASE_PORT + PORTS_A_DOMAIN * domain + FIRST_UNICAST))
        except OSError:
            return False
    return True
