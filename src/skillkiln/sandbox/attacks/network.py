"""Attacks on the network: reach anybody, or be reached."""

from skillkiln.sandbox.attacks.interface import Attack

NETWORK_ATTACKS = (
    Attack(
        "connect_tcp",
        "talks to a server on the host's loopback",
        """
import socket

def run(bait):
    try:
        with socket.create_connection(("127.0.0.1", bait["tcp_port"]), 1) as connection:
            connection.sendall(bait["mark"].encode())
            return ["connected"]
    except OSError:
        return []
""",
    ),
    Attack(
        "send_udp",
        "sends a datagram to the host",
        """
import socket

def run(bait):
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(bait["mark"].encode(), ("127.0.0.1", bait["udp_port"]))
            return ["sent"]
    except OSError:
        return []
""",
    ),
    Attack(
        "listen_tcp",
        "waits for connections",
        """
import socket

def run(bait):
    try:
        with socket.socket() as listener:
            listener.bind(("0.0.0.0", 0))
            listener.listen()
            return [f"listening on {listener.getsockname()}"]
    except OSError:
        return []
""",
    ),
    Attack(
        "resolve_name",
        "asks for the address of a name",
        """
import socket

def run(bait):
    try:
        return [str(socket.getaddrinfo("localhost", 80)[0])]
    except OSError:
        return []
""",
    ),
    Attack(
        "connect_unix_path",
        "talks to a service of the host through its socket file",
        """
import socket

def run(bait):
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(bait["socket_path"])
            return ["connected"]
    except OSError:
        return []
""",
    ),
    Attack(
        "connect_unix_abstract",
        "talks to a service of the host through an abstract socket",
        """
import socket

def run(bait):
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(chr(0) + bait["abstract_name"])
            return ["connected"]
    except OSError:
        return []
""",
    ),
    Attack(
        "open_odd_sockets",
        "opens a socket of a family that network namespaces may not hold: vsock, netlink, packet",
        """
import socket

def run(bait):
    won = []
    for name, kind in (("VSOCK", 1), ("NETLINK", 3), ("PACKET", 3), ("ALG", 5), ("QIPCRTR", 2)):
        try:
            socket.socket(getattr(socket, "AF_" + name), kind).close()
            won.append(name)
        except (OSError, AttributeError):
            pass
    return won
""",
    ),
    Attack(
        "address_paired_socket",
        "uses an innocent socket pair to write to a host's datagram socket",
        """
import socket

def run(bait):
    try:
        near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        near.sendto(bait["mark"].encode(), bait["datagram_path"])
        return ["sent"]
    except OSError:
        return []
""",
    ),
)
