"""Policy files: who is trusted, as C2SP's tlog-policy has it, and what a quorum of them has seen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.note import COSIGNATURE, Vkey
from cloudbooks.chain.policy import read_policy
from cloudbooks.chain.verdict import Group

WORKED: dict[str, Any] = json.loads(
    (Path(__file__).parent / "vectors" / "worked" / "c2sp-worked.json").read_text(encoding="utf-8")
)
LOG, W1, W2 = (WORKED["keys"][name]["vkey"] for name in ("log", "w1", "w2"))
W3 = str(Vkey.of("witness.example/w3", bytes(range(32)), COSIGNATURE))
ORIGIN = WORKED["keys"]["log"]["name"]


def test_the_example_of_the_specification_reads() -> None:
    """Two of two witnesses, and the log's key pinned."""
    policy = read_policy(WORKED["policy"]["file"].encode(), ORIGIN)
    assert str(policy.pin) == LOG
    assert [str(key) for key in policy.witnesses] == [W1, W2]
    keys = {Vkey.parse(W1): 7, Vkey.parse(W2): 5}
    assert policy.reached(keys) == 5
    assert policy.reached({Vkey.parse(W1): 7}) == 0


@pytest.mark.parametrize(
    ("quorum", "seen", "reached"),
    [
        ("witness A {0}\nquorum A", (9,), 9),
        ("witness A {0}\nwitness B {1}\ngroup g any A B\nquorum g", (9, 4), 9),
        ("witness A {0}\nwitness B {1}\nwitness C {2}\ngroup g 2 A B C\nquorum g", (9, 4, 7), 7),
        ("witness A {0}\nwitness B {1}\nwitness C {2}\ngroup g any B C\ngroup h all A g\nquorum h", (9, 4, 7), 7),
        ("witness A {0}\nquorum none", (9,), 0),
    ],
)
def test_a_quorum_counts_what_its_members_have_seen(quorum: str, seen: tuple[int, ...], reached: int) -> None:
    """A group has seen as much as its k-th best member, a member that is a group too."""
    policy = read_policy(quorum.format(W1, W2, W3).encode() + b"\n")
    sizes = {Vkey.parse(text): size for text, size in zip((W1, W2, W3), seen, strict=False)}
    assert policy.reached(sizes) == reached


def test_authorities_are_named_with_their_files_and_lines() -> None:
    """Their files are read by whoever has files; a name stands once, apart from those of witnesses."""
    policy = read_policy(f"witness A {W1}\nauthority A a.pem\n# who else\nauthority B /b.pem\nquorum none\n".encode())
    assert [(one.name, one.file, one.line, one.certificates) for one in policy.authorities] == [
        ("A", "a.pem", 2, ()),
        ("B", "/b.pem", 4, ()),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "quorum A",
        "quorum none\nquorum none",
        f"witness A {W1}",
        f"witness A {W1}\nwitness B {W1}\nquorum A",
        f"witness A {W1}\nwitness A {W2}\nquorum A",
        f"witness none {W1}\nquorum none",
        f"witness A {LOG}\nquorum A",
        f"log {W1}\nquorum none",
        f"log {LOG}\nlog {LOG}\nquorum none",
        f"witness A {W1}\ngroup g any A B\nquorum g",
        f"witness A {W1}\ngroup g 2 A\nquorum g",
        f"witness A {W1}\ngroup g 0 A\nquorum g",
        f"witness A {W1}\ngroup g any A\ngroup h any A\nquorum g",
        f"witness A {W1}\ngroup g any\nquorum g",
        f"witness A {W1[:-4]}AAAA\nquorum A",
        f"witness A {W1} http://x y\nquorum A",
        "trust everybody\nquorum none",
        "authority A a.pem",
        "authority A a.pem\nauthority A b.pem\nquorum none",
        "authority A\nquorum none",
        "authority A a file.pem\nquorum none",
        "authority A a.pem\nquorum A",
        "quorum none\r\n",
        "quorum none\x00",
    ],
)
def test_what_is_no_policy_is_refused(text: str) -> None:
    """Each is a fault of the file, with its line where it is one's."""
    with pytest.raises(FormFault) as fault:
        read_policy(text.encode())
    assert fault.value.code == "policy"


def test_comments_blanks_and_urls_are_passed_over() -> None:
    """Tabs and blanks separate; a line that begins with # says nothing."""
    policy = read_policy(f"\n # no\n#x\n\t witness  A\t{W1} https://w.example/a \n quorum\tA\n".encode())
    assert policy.group == Group((Vkey.parse(W1),), 1)
    assert policy.pin is None


def test_a_policy_of_other_logs_is_refused() -> None:
    """A log line pins the first member's key of its own log only; of several the one that is meant is taken."""
    other = LOG.replace("0001+", "0009+")
    two = f"log {Vkey.of('cloudbooks/x', bytes(31) + b'x')}\nlog {LOG}\nquorum none\n".encode()
    assert str(read_policy(two, ORIGIN).pin) == LOG
    with pytest.raises(FormFault, match="other logs"):
        read_policy(f"log {LOG}\nquorum none\n".encode(), other.partition("+")[0])
    with pytest.raises(FormFault):
        read_policy(two)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Nothing but a policy or a fault comes out."""
    code = "policy"
    try:
        read_policy(data)
    except FormFault as fault:
        code = fault.code
    assert code == "policy"
