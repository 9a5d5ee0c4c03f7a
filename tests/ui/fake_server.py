"""A tiny stand-in for `serve`: holds the workspace's lock, announces itself, waits for SIGTERM.

`FAKE_SERVER` in the environment chooses what goes wrong: `port_taken`, `crash`, `silent`, `slow`, `lingering`.
"""

import os
import signal
import sys
import time
from pathlib import Path

from filelock import FileLock, Timeout

from console.discovery import ADMIN_KEY_FILE, LOCK_FILE, ServerInfo, forget_server_info, write_server_info

arguments = dict(zip(sys.argv[1::2], sys.argv[2::2], strict=False))
workspace = Path(arguments["--workspace"])
port = int(arguments["--port"]) or 40_000
mode = os.environ.get("FAKE_SERVER", "")

if mode == "port_taken" and port == 4000:
    print("some log line", file=sys.stderr)
    print("Port 4000 is taken by another program.", file=sys.stderr)
    sys.exit(3)
if mode == "crash":
    print("boom", file=sys.stderr)
    sys.exit(7)
if mode == "slow":
    time.sleep(0.3)

lock = FileLock(workspace / LOCK_FILE)
try:
    lock.acquire(timeout=0.5, poll_interval=0.01)  # as patient as the real one
except Timeout:
    print("Another server uses this workspace.", file=sys.stderr)
    sys.exit(4)
with lock:
    (workspace / ADMIN_KEY_FILE).write_text("admin-key")
    base = f"http://127.0.0.1:{port}"
    if mode != "silent":
        # Before it is announced: whoever reads the announcement may stop it at once.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        write_server_info(
            workspace,
            ServerInfo(
                telemetry_url=base,
                player_url=None,
                console_url=f"{base}/console",
                workspace=str(workspace),
                pid=os.getpid(),
            ),
        )
    try:
        while True:
            time.sleep(10)
    finally:
        forget_server_info(workspace)
        if mode == "lingering":
            lock.release(force=True)
            time.sleep(0.3)
