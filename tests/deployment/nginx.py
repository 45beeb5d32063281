"""nginx with the file that is shipped, on ports of its own, as an ordinary process."""

import re
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import pytest

from tests.meta.tree import ROOT
from tests.postgresql import free_port
from tests.process import START_WITHIN

SHIPPED = ROOT / "deploy" / "nginx.conf"
_AROUND = """daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{shipped}
}}
"""


class Nginx:
    """Where it listens, and the certificate to trust."""

    def __init__(self, port: int, certificate: Path) -> None:
        self.port = port
        self.certificate = certificate
        self.url = f"https://localhost:{port}"

    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.certificate))


@contextmanager
def serving(folder: Path, ports: Sequence[int]) -> Iterator[Nginx]:
    """Run it in front of what listens on these ports of loopback."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")
    if program is None:
        pytest.fail("nginx is not installed: Debian's package is nginx-light")
    certificate, key = _certificate(folder)
    nginx = Nginx(free_port(), certificate)
    settings = folder / "nginx.conf"
    settings.write_text(_AROUND.format(folder=folder, shipped=_shipped(nginx, key, ports)))
    with subprocess.Popen(  # noqa: S603  # Debian's program, settings from here
        [program, "-p", str(folder), "-c", str(settings)], stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            _wait_for(nginx.port, process)
            yield nginx
        finally:
            process.terminate()


def _shipped(nginx: Nginx, key: Path, ports: Sequence[int]) -> str:
    """Return what is shipped, with the certificate, the port and the servers of this test."""
    text = SHIPPED.read_text("utf-8")
    servers = "\n".join(
        f"    server 127.0.0.1:{port} max_fails=1 fail_timeout=5s;" for port in ports
    )
    text, found = re.subn(r"^    server 127.*;$", servers, text, count=1, flags=re.MULTILINE)
    assert found == 1
    for shipped, ours in (
        ("listen 443 ssl", f"listen 127.0.0.1:{nginx.port} ssl"),
        ("/etc/ssl/portal.pem", str(nginx.certificate)),
        ("/etc/ssl/portal.key", str(key)),
    ):
        assert shipped in text
        text = text.replace(shipped, ours)
    return text


def _certificate(folder: Path) -> tuple[Path, Path]:
    certificate, key = folder / "portal.pem", folder / "portal.key"
    names = "subjectAltName=DNS:localhost,DNS:portal.acme.example"
    asked = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    asked += ["-subj", "/CN=portal.acme.example", "-addext", names, "-days", "2"]
    asked += ["-keyout", str(key), "-out", str(certificate)]
    openssl = shutil.which("openssl") or pytest.fail("openssl is not installed")
    subprocess.run([openssl, *asked], check=True, capture_output=True)  # noqa: S603  # from here
    return certificate, key


def _wait_for(port: int, process: subprocess.Popen[str]) -> None:
    """Return once somebody listens there."""
    end, look_again = monotonic() + START_WITHIN, threading.Event()
    while True:
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert monotonic() < end
            look_again.wait(0.05)
        else:
            return
