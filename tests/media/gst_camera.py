"""Run by the system's Python, which has GStreamer: an RTSP server nobody here wrote. Configuration is JSON on stdin.

``{"mounts": {"/name": ["launch line", port of the player]}, "user": "", "password": "", "method": "digest"}``; prints
the port it got.
"""

import json
import socket
import sys
import threading
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

Gst.init(None)
asked = json.loads(sys.stdin.readline())
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(str(asked.get("port", 0)))


def feed(_factory: object, media: object, port: int) -> None:
    """Bytes of the player's TCP connection go into the camera's pipeline as a live source."""
    source = media.get_element().get_by_name("feed")

    def pump() -> None:
        deadline = time.monotonic() + 10
        while True:
            try:
                connection = socket.create_connection(("127.0.0.1", port))
                break
            except OSError:
                if time.monotonic() > deadline:
                    return
                time.sleep(0.05)
        with connection:
            while data := connection.recv(1 << 16):
                source.emit("push-buffer", Gst.Buffer.new_wrapped(data))

    threading.Thread(target=pump, daemon=True).start()


for mount, (launch, port) in asked["mounts"].items():
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(launch)
    factory.set_shared(True)
    factory.connect("media-configure", feed, port)
    if asked.get("user"):
        permissions = GstRtspServer.RTSPPermissions()
        permissions.add_role_from_structure(
            Gst.Structure.new_from_string(
                "viewer, media.factory.access=(boolean)true, media.factory.construct=(boolean)true"
            )
        )
        factory.set_permissions(permissions)
    server.get_mount_points().add_factory(mount, factory)
if asked.get("user"):
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    if asked.get("method", "digest") == "digest":
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(asked["user"], asked["password"], token)
    else:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.BASIC)
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(asked["user"], asked["password"]), token)
    server.set_auth(auth)
server.attach(None)
port = server.get_bound_port()


def watch(mount: str) -> bool:
    """A viewer of our own keeps each camera awake: a real one answers at once, it does not wait for its key frame."""
    viewer = Gst.parse_launch(
        f"rtspsrc location=rtsp://127.0.0.1:{port}{mount} protocols=tcp latency=0 user-id={asked.get('user', '')!r} "
        f"user-pw={asked.get('password', '')!r} ! fakesink sync=false"
    )
    bus = viewer.get_bus()
    bus.add_signal_watch()
    bus.connect("message::error", lambda *_: (viewer.set_state(Gst.State.NULL), GLib.timeout_add(300, watch, mount)))
    viewer.set_state(Gst.State.PLAYING)
    return False


for mount in asked["mounts"]:
    watch(mount)
print(port, flush=True)
GLib.MainLoop().run()
