"""The second verifier judges timestamps by the program openssl, against authorities that the tests make with it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.chain.test_format1 import POLICY, valid
from tests.tools.second_verifier import load, told, write

from cloudbooks.chain.checkpoint import text as checkpoint_text
from cloudbooks.chain.merkle import leaf_hash, root

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="the program openssl is not here")

CONFIG = """
[tsa]
default_tsa = one
[one]
serial = serial
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256, sha512
ess_cert_id_alg = sha256
[extensions]
extendedKeyUsage = critical,timeStamping
[req]
distinguished_name = name
x509_extensions = root
[name]
[root]
basicConstraints = critical,CA:true
"""


class Authority:
    """A timestamp authority of one's own: a root, a signer, and tokens by it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        (folder / "config").write_text(CONFIG)
        (folder / "serial").write_text("01\n")
        key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -config config"
        self.openssl(f"req -x509 {key} -keyout root.key -out root.pem -subj /CN={folder.name} -days 30")
        self.openssl(f"req -new {key} -keyout signer.key -out signer.csr -subj /CN=signer")
        self.openssl(
            "x509 -req -in signer.csr -CA root.pem -CAkey root.key -CAcreateserial -out signer.pem"
            " -days 30 -extfile config -extensions extensions"
        )

    def openssl(self, command: str) -> None:
        """Run the program openssl in the authority's folder."""
        subprocess.run(["openssl", *command.split()], cwd=self.folder, capture_output=True, check=True)

    def token(self, text: str, *, brings_certificates: bool = True, digest: str = "sha256") -> bytes:
        """A token over a text."""
        (self.folder / "text").write_text(text, "utf-8")
        self.openssl(f"ts -query -data text -{digest} {'-cert' if brings_certificates else ''} -out query")
        self.openssl(
            "ts -reply -config config -section one -queryfile query -signer signer.pem -inkey signer.key -out reply"
        )
        self.openssl("ts -reply -in reply -token_out -out token")
        return (self.folder / "token").read_bytes()

    @property
    def certificates(self) -> bytes:
        """What a verifier is given."""
        return (self.folder / "root.pem").read_bytes() + (self.folder / "signer.pem").read_bytes()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that a verifier trusts."""
    return Authority(tmp_path_factory.mktemp("authorities") / "trusted")


def text_of(size: int) -> str:
    """The text of the valid book's checkpoint of a size."""
    leaves = [leaf_hash(valid().files[f"block/{number:08d}"]) for number in range(size)]
    return checkpoint_text("cloudbooks/019a9c3e-7b00-7000-8000-000000000001", size, root(leaves))


def judged(folder: Path, tokens: dict[str, bytes], **authorities: bytes) -> dict[str, Any]:
    """What is said of the valid book with these files under `timestamp/`."""
    write(folder, dict(valid().files) | {f"timestamp/{name}": data for name, data in tokens.items()})
    policy = told(POLICY)
    policy.authorities = authorities
    verdict: dict[str, Any] = load().Folder(folder, policy).verdict()
    return verdict


def codes(verdict: dict[str, Any]) -> list[str]:
    """The codes of all findings."""
    return [found["code"] for found in verdict["findings"]]


@pytest.mark.parametrize("brings", [True, False])
def test_a_good_token_anchors_the_log(authority: Authority, tmp_path: Path, brings: bool) -> None:  # noqa: FBT001 - of both kinds
    """The greatest size of a good token is anchored, with the earliest time that covers it."""
    tokens = {f"{size}.tsr": authority.token(text_of(size), brings_certificates=brings) for size in (5, 13)}
    verdict = judged(tmp_path, tokens, other=authority.certificates)
    assert (verdict["valid"], codes(verdict)) == (True, [])
    assert (verdict["anchored"]["size"], verdict["anchored"]["authority"]) == (13, "other")
    assert verdict["anchored"]["time"].endswith("Z")


def test_without_an_authority_nothing_is_anchored_and_nothing_found(authority: Authority, tmp_path: Path) -> None:
    """A token alone says nothing; one that is over something else is found all the same."""
    verdict = judged(tmp_path, {"13.tsr": authority.token(text_of(13))})
    assert (verdict["anchored"], codes(verdict)) == (None, [])
    assert codes(judged(tmp_path, {"13.tsr": authority.token(text_of(12))})) == ["timestamp"]


def test_a_token_of_somebody_else_is_unknown(authority: Authority, tmp_path: Path) -> None:
    """It counts for nothing and leaves the log valid."""
    other = Authority(tmp_path / "other")
    verdict = judged(tmp_path / "log", {"13.tsr": other.token(text_of(13))}, trusted=authority.certificates)
    assert (verdict["valid"], verdict["anchored"], codes(verdict)) == (True, None, ["timestamp-unknown"])


def test_a_token_with_a_changed_byte_does_not_anchor(authority: Authority, tmp_path: Path) -> None:
    """Wherever the byte is, the token is found, or is as good as it was; nothing breaks."""
    token = authority.token(text_of(13))
    for place in range(0, len(token), max(1, len(token) // 40)):
        changed = bytearray(token)
        changed[place] ^= 1
        verdict = judged(tmp_path, {"13.tsr": bytes(changed)}, trusted=authority.certificates)
        assert set(codes(verdict)) <= {"timestamp", "timestamp-unknown"}
        assert (verdict["anchored"] is None) == bool(codes(verdict))
    assert codes(judged(tmp_path, {"13.tsr": token + b"x"})) == ["timestamp"]
    assert codes(judged(tmp_path, {"13.tsr": token[:-1]})) == ["timestamp"]


def test_what_no_token_may_be(authority: Authority, tmp_path: Path) -> None:
    """A size beyond the log, another digest, and a name of another form are found."""
    token = authority.token(text_of(13))
    assert codes(judged(tmp_path / "a", {"14.tsr": token})) == ["timestamp"]
    assert codes(judged(tmp_path / "b", {"013.tsr": token})) == ["stray"]
    assert codes(judged(tmp_path / "c", {"13.tsr": authority.token(text_of(13), digest="sha512")})) == ["timestamp"]


def test_without_openssl_a_token_is_said_not_to_be_judged(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It counts for nothing, and that is said."""
    token = authority.token(text_of(13))
    monkeypatch.setattr(load(), "which", lambda _: None)
    verdict = judged(tmp_path, {"13.tsr": token}, trusted=authority.certificates)
    assert (verdict["valid"], verdict["anchored"], codes(verdict)) == (True, None, ["timestamp-unjudged"])
