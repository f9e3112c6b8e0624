"""What stands in the recorder's run folder, by which its processes find one another. Pure, and light to import."""

from beffroi.kernel.digest import sha256

WRITER_SOCKET = "writer.sock"
TAPS_FILE = "taps.json"


def worker_of(camera: str, workers: int) -> int:
    """Which ingest worker records a camera: the same for ever, whatever other cameras there are."""
    return int.from_bytes(sha256(camera.encode())[:4], "big") % max(1, workers)


def socket_name(worker: int) -> str:
    """The name of a worker's live tap."""
    return f"live-{worker}.sock"
