"""Is a port free, and if not, who has it?"""

import socket

import psutil

from beffroi.kernel.errors import Conflict


def must_be_free(host: str, port: int) -> None:
    """Raise ``Conflict`` that names the port and, where the system tells, the process that listens on it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as error:
            raise Conflict(
                f"Port {port} may not be opened by this user.", hint="Choose one above 1023 with --port."
            ) from error
        except OSError as error:
            owner = listener(port)
            raise Conflict(
                f"Port {port} is taken" + (f" by {owner}." if owner else f" ({error.strerror})."),
                hint=f"Stop that program, or choose another port: --port {port + 1}.",
            ) from error


def listener(port: int) -> str:
    """Name and number of the process that listens on ``port``, or an empty string where the system does not tell."""
    try:
        found = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:
        return ""
    for connection in found:
        if connection.status == psutil.CONN_LISTEN and connection.pid and tuple(connection.laddr)[1:] == (port,):
            try:
                name = psutil.Process(connection.pid).name()
            except psutil.NoSuchProcess:
                continue
            return f"{name} (process {connection.pid})"
    return ""
