"""A real nginx with deploy/nginx.conf, on ports of this machine's own and in a folder of its own."""

from __future__ import annotations

import http.client
import os
import pwd
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rating.config import ROOT
from tests.support.ports import Port

NAME = "rating.test"
STARTS_WITHIN = 30.0  # seconds
CONFIGURATION = ROOT / "deploy" / "nginx.conf"
Change = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client got; status 0 where the connection was closed without a word."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Nginx:
    """nginx in front of the application on `upstream`; `change` puts a fault into its configuration on purpose."""

    def __init__(self, folder: Path, upstream: int, change: Change = str) -> None:
        self.folder = folder
        self.logs = folder / "log"
        for one in (self.logs, folder / "temp"):
            one.mkdir(parents=True)
        self._ports = Port(), Port()
        self.plain, self.tls = (one.number for one in self._ports)
        self.certificate = make_certificate(folder)
        configuration = folder / "nginx.conf"
        configuration.write_text(change(self._adapted(CONFIGURATION.read_text(), upstream)))
        with (self.logs / "stderr").open("wb") as said:
            self.process = subprocess.Popen(
                [program(), "-e", self.logs / "error.log", "-p", folder, "-c", configuration, "-g", "daemon off;"],
                stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True,
            )  # fmt: skip
        self._wait()

    def _adapted(self, text: str, upstream: int) -> str:
        """The configuration with this machine's names, ports and folders; each place must be there."""
        temp = "".join(
            f"    {kind}_temp_path {self.folder}/temp/{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        for pattern, instead in {
            r"user www-data;": f"user {pwd.getpwuid(os.geteuid()).pw_name};",
            r"worker_processes auto;": "worker_processes 1;",
            r"/run/nginx\.pid": f"{self.folder}/pid",
            r"/var/log/nginx": str(self.logs),
            r"\nhttp \{\n": f"\nhttp {{\n{temp}",
            r" *listen \[::\]:.*\n": "",
            r"listen 80\b": f"listen 127.0.0.1:{self.plain}",
            r"listen 443\b": f"listen 127.0.0.1:{self.tls}",
            r"server 127\.0\.0\.1:8000;": f"server 127.0.0.1:{upstream};",
            r"/etc/ssl/rating\.example\.pem": str(self.certificate),
            r"/etc/ssl/private/rating\.example\.key": str(self.certificate.with_suffix(".key")),
            r"rating\.example": NAME,
            r"/srv/rating/static": str(ROOT / "static"),
            r"/var/www/acme": str(self.folder),
        }.items():
            text, found = re.subn(pattern, instead, text)
            assert found, f"deploy/nginx.conf has no {pattern}"
        return text

    def _wait(self) -> None:
        end = time.monotonic() + STARTS_WITHIN
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.tls), timeout=5).close()
                return
            except OSError:
                if time.monotonic() > end or self.process.poll() is not None:
                    self.stop()
                    raise RuntimeError(f"nginx does not start:\n{self.said()}") from None
                time.sleep(0.02)

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait()
        for one in self._ports:
            one.give_back()

    def said(self) -> str:
        """All that it wrote anywhere."""
        return "".join(path.read_text(errors="replace") for path in sorted(self.logs.iterdir()))

    def told(self, marker: str = "/method") -> str:
        """All that it wrote, once an ordinary request that comes now stands in it too."""
        before = self.said().count(marker)
        self.ask("GET", marker)
        end = time.monotonic() + STARTS_WITHIN
        while (said := self.said()).count(marker) == before:
            assert time.monotonic() < end, f"an ordinary request is not in the log:\n{said}"
            time.sleep(0.01)
        return said

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        host: str = NAME,
        tls: bool = True,
        source: str = "127.0.0.1",
    ) -> Answer:
        """One request over TLS, or without; `source` is the address it comes from."""
        connection = http.client.HTTPConnection(host, timeout=30)
        connection.sock = (
            self.connect(source=source) if tls else socket.create_connection(("127.0.0.1", self.plain), timeout=30)
        )
        try:
            connection.request(method, path, body, {"Connection": "close", **(headers or {})})
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.headers), answer.read())
        except (http.client.RemoteDisconnected, ConnectionError):
            return Answer(0)
        finally:
            connection.close()

    def connect(self, name: str = NAME, source: str = "127.0.0.1") -> ssl.SSLSocket:
        """A connection over TLS to whoever answers to this name."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        return context.wrap_socket(_reach(self.tls, source), server_hostname=name)


def _reach(port: int, source: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=30, source_address=(source, 0))


@contextmanager
def serve(folder: Path, upstream: int, change: Change = str) -> Iterator[Nginx]:
    """nginx until the block ends."""
    server = Nginx(folder, upstream, change)
    try:
        yield server
    finally:
        server.stop()


def program() -> str:
    """The path of nginx; Debian's stands where only root looks."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
    if found is None:
        raise RuntimeError("nginx was not found: sh deploy/test-system.sh installs it on Debian")
    return found


def make_certificate(folder: Path) -> Path:
    """A certificate that signs itself, with its key beside it."""
    file = folder / "site.pem"
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "2",
         "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}",
         "-keyout", file.with_suffix(".key"), "-out", file],
        capture_output=True, check=False,
    )  # fmt: skip
    if made.returncode:
        raise RuntimeError(f"openssl made no certificate: {made.stderr.decode(errors='replace')}")
    return file
