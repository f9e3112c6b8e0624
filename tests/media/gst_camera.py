"""Run by the system's Python, which has GStreamer: an RTSP server nobody here wrote. Configuration is JSON on stdin.

``{"mounts": {"/name": ["launch line", "clip in MPEG-TS"]}, "user": "", "password": "", "method": "digest",
"tls": "certificate and key in PEM"}``; prints the port it got. Without a clip the launch line draws its own pictures.
"""

import json
import os
import pathlib
import subprocess
import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

Gst.init(None)
asked = json.loads(sys.stdin.readline())
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(str(asked.get("port", 0)))


def feed(_factory: object, media: object, clip: str) -> None:
    """ffmpeg plays the clip for ever at its own pace into the camera's pipeline, which takes it as a live source."""
    source = media.get_element().get_by_name("feed")
    command = ["ffmpeg", "-v", "quiet", "-re", "-stream_loop", "-1", "-i", clip, "-map", "0:v", "-c", "copy"]
    player = subprocess.Popen(
        [*command, "-f", "mpegts", "-flush_packets", "1", "-"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    pathlib.Path(f"{clip}.pid").write_text(str(player.pid))

    def pump() -> None:
        while data := os.read(player.stdout.fileno(), 1 << 16):
            source.emit("push-buffer", Gst.Buffer.new_wrapped(data))

    threading.Thread(target=pump, daemon=True).start()
    media.connect("unprepared", lambda _media: (player.kill(), player.wait()))


for mount, (launch, clip) in asked["mounts"].items():
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(launch)
    factory.set_shared(True)
    if clip:
        factory.connect("media-configure", feed, clip)
    if asked.get("user") or asked.get("tls"):
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
if asked.get("tls"):
    auth = GstRtspServer.RTSPAuth()
    auth.set_tls_certificate(Gio.TlsCertificate.new_from_pem(asked["tls"], -1))
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth.set_default_token(token)
    server.set_auth(auth)
server.attach(None)
print(server.get_bound_port(), flush=True)
GLib.MainLoop().run()
