"""A real timestamp authority on this machine: `openssl ts` behind HTTP, which can be made to answer otherwise."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

REPLY = "application/timestamp-reply"

_CONFIG = """
[req]
distinguished_name = name
prompt = no
[name]
CN = nobody
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
subjectKeyIdentifier = hash
[stamps]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[tsa]
default_tsa = house
[house]
serial = ./serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256,sha1
ess_cert_id_alg = sha256
"""


@dataclass(frozen=True)
class Reply:
    """What the server sends back."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": REPLY})


Answer = Callable[[bytes], Reply | Iterator[bytes]]
"""A request's answer; raw parts of a stream where it is none that a server of Python would send."""


class Tsa:
    """A root, a certificate that stamps, and what `openssl ts -reply` says with them."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        (folder / "ca.cnf").write_text(_CONFIG, encoding="ascii")
        (folder / "serial").write_text("01\n", encoding="ascii")
        self._certificate("root")
        self._certificate("stamps", "-CA", "root.pem", "-CAkey", "root.key")
        self.certificates = folder / "root.pem"

    def _certificate(self, name: str, *how: str) -> None:
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-keyout", f"{name}.key")
        self._openssl("req", "-x509", *key, "-subj", f"/CN={name}", "-days", "30", "-config", "ca.cnf",
                      "-extensions", name, "-out", f"{name}.pem", *how)  # fmt: skip

    def reply(self, request: bytes) -> bytes:
        """The answer of the program to a request."""
        (self.folder / "query").write_bytes(request)
        self._openssl("ts", "-reply", "-config", "ca.cnf", "-section", "house", "-queryfile", "query", "-signer",
                      "stamps.pem", "-inkey", "stamps.key", "-out", "answer")  # fmt: skip
        return (self.folder / "answer").read_bytes()

    def verifies(self, token: Path, digest: str, at: int) -> bool:
        """Whether the program, as docs/format.md says it, verifies a token that is kept."""
        said = self._openssl("ts", "-verify", "-token_in", "-in", str(token), "-digest", digest, "-CAfile", "root.pem",
                             "-untrusted", "root.pem", "-attime", str(at))  # fmt: skip
        return "Verification: OK" in said

    def _openssl(self, *words: str) -> str:
        done = subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True, text=True)
        return done.stdout


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """The address of a server that answers every POST so, until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Answer a request, and close."""
            assert self.headers["Content-Type"] == "application/timestamp-query"
            said = answer(self.rfile.read(int(self.headers["Content-Length"])))
            if isinstance(said, Reply):
                self.send_response(said.status)
                for name, value in {**said.headers, "Content-Length": str(len(said.body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(said.body)
            else:
                try:
                    for part in said:
                        self.wfile.write(part)
                except OSError:
                    return  # whoever asked has gone

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
