"""Whatever is done to a file of an audit pack is found, and the file named, by the verifier inside."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.tampering.packing import Packed, packed
from tests.tools.second_verifier import load

from cloudbooks.chain.canonical import b3
from cloudbooks.core.head_code import short_code


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Packed:
    """A pack, which every test leaves as it was."""
    return packed(tmp_path_factory.mktemp("packed") / "book")


def run(pack: Packed, *more: str) -> subprocess.CompletedProcess[str]:
    """The verifier inside, as its README says to run it: with plain Python."""
    command = [sys.executable, "-I", "verify.py", ".", "--pin", pack.told["first_key"], *more]
    return subprocess.run(command, cwd=pack.folder, capture_output=True, text=True, check=False, timeout=60)


def test_the_pack_is_sound_and_has_something_of_every_kind(pack: Packed) -> None:
    """Nothing is found in it; what no proof speaks of is named; its list is the one that its maker was told of."""
    verdict = pack.judged()
    assert (verdict["valid"], verdict["findings"]) == (True, [])
    assert verdict["list"] == pack.told["list"]
    data = (pack.folder / "b3").read_bytes()
    assert pack.told["list"] == {"hash": b3(data), "code": short_code(b3(data))}
    tops = {name.partition("/")[0] for name in pack.files()}
    assert tops >= {"proofs", "statements", "balances", "heads", "attachment", "timestamp", "b3", "verify.py"}
    assert verdict["not_proven"] == sorted(
        {name for name in pack.files() if "/" not in name or name.endswith(".txt")} - {"b3"}
    )


def test_whatever_is_done_to_a_file_of_a_pack_is_found_by_name(pack: Packed) -> None:
    """A byte changed at its beginning, middle or end, or the file taken out: INVALID, and that file is named."""
    for name in pack.files():
        data = (pack.folder / name).read_bytes()
        for place in {0, len(data) // 2, len(data) - 1}:
            mutant = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
            with pack.changed(name, mutant):
                codes = {code for code, file in pack.found() if name in (file, "b3")}
                assert codes & {"b3-differs", "b3-unreadable", "b3-missing"}, (name, place)
        with pack.changed(name, data + b"\n"):
            assert {("b3-differs", name), ("b3-unreadable", name)} & pack.found(), name
        with pack.changed(name, None):
            assert ("b3-missing", name) in pack.found()
    assert pack.found() == set()


def test_a_file_that_was_put_in_is_found_by_name(pack: Packed) -> None:
    """Beside any other, whatever it is called: a finding, and the pack is as valid as it was."""
    folders = {Path(name).parent.as_posix() for name in pack.files()}
    for folder in folders:
        for name in ("b3", "note.txt", "注.csv", "x.tsr") if folder != "." else ("note.txt", "B3"):
            place = (Path(folder) / name).as_posix()
            with pack.changed(place, b"?"):
                assert pack.found() == {("b3-unlisted", place)}
    one = next(name for name in pack.files() if name.startswith("proofs/"))
    with pack.changed("proofs/again.proof", (pack.folder / one).read_bytes()):
        assert pack.found() == {("b3-unlisted", "proofs/again.proof")}


def test_a_list_of_another_form_is_found(pack: Packed) -> None:
    """Lines of another order, twice, of itself, of other bytes than text, without an end; and a list of nothing."""
    data = (pack.folder / "b3").read_bytes()
    first, *lines = data.splitlines(keepends=True)
    before = [line for line in (first, *lines) if line[66:] < b"b3"]
    for changed in (
        b"".join([*lines, first]), data + first, data + b"\xff", data[:-1], data.replace(b"\n", b"\r\n"),
        data.replace(b"  ", b" *"), data.replace(b"  ", b" "), data.upper(), b"\n" + data,
        b"".join([*before, b"0" * 64 + b"  b3\n", *(line for line in (first, *lines) if line not in before)]),
    ):  # fmt: skip
        with pack.changed("b3", changed):
            assert ("b3-unreadable", "b3") in pack.found()
    with pack.changed("b3", b""):
        assert {code for code, _ in pack.found()} == {"b3-unlisted"}
    with pack.changed("b3", data + b"0" * 64 + b"  zzz\n"):
        assert pack.found() == {("b3-missing", "zzz")}
    with pack.changed("b3", b"0" * 64 + b"  ../packed\n" + data):
        assert ("b3-missing", "../packed") in pack.found()


def test_who_makes_the_list_anew_is_found_by_its_hash_alone(pack: Packed) -> None:
    """The list is signed by nobody: another story in a table passes, under another hash than the firm tells."""
    table = (pack.folder / "entries.csv").read_bytes()
    data = (pack.folder / "b3").read_bytes()
    forged = table.replace(b"Tea", b"Gin")
    with (
        pack.changed("entries.csv", forged),
        pack.changed("b3", data.replace(b3(table)[3:].encode(), b3(forged)[3:].encode())),
    ):
        verdict = pack.judged()
        assert (verdict["valid"], verdict["findings"]) == (True, [])
        assert verdict["list"] != pack.told["list"]
        assert "entries.csv" in verdict["not_proven"]


def test_the_command_ends_as_the_format_says(pack: Packed) -> None:
    """0 for the pack, 4 for a changed or a missing file, 1 for one more; the list's hash and code are printed."""
    said = run(pack)
    assert (said.returncode, said.stderr) == (0, "")
    assert pack.told["list"]["hash"] in said.stdout
    assert pack.told["list"]["code"] in said.stdout
    with pack.changed("README.txt", b"Nothing to check.\n"):
        said = run(pack)
        assert said.returncode == 4
        assert "finding[b3-differs]: README.txt: It has another hash than is listed.\n" in said.stdout
    with pack.changed("entries.csv", None):
        assert run(pack).returncode == 4
    with pack.changed("more.txt", b""):
        assert run(pack).returncode == 1
    with pack.changed("b3", None):
        said = run(pack)
        assert (said.returncode, "finding[b3-missing]: b3: There is no list" in said.stdout) == (4, True)


def test_without_a_single_proof_it_is_a_pack_still(pack: Packed, tmp_path: Path) -> None:
    """Where all of them were taken out the list names each."""
    folder = tmp_path / "pack"
    shutil.copytree(pack.folder, folder)
    for name in ("proofs", "statements", "balances", "heads"):
        shutil.rmtree(folder / name)
    for proof in folder.rglob("*.proof"):
        proof.unlink()
    said = subprocess.run([sys.executable, "-I", "verify.py", "."], cwd=folder, capture_output=True, check=False)
    assert said.returncode == 4
    assert b"finding[proof]: proofs: There is no proof." in said.stdout
    assert said.stdout.count(b"finding[b3-missing]") == sum(name.endswith(".proof") for name in pack.files())


@pytest.mark.skipif(shutil.which("b3sum") is None, reason="the program b3sum is not here")
def test_an_auditor_checks_the_list_by_hand(pack: Packed) -> None:
    """With the program b3sum alone."""

    def status() -> int:
        return subprocess.run(["b3sum", "--check", "b3"], cwd=pack.folder, capture_output=True, check=False).returncode

    assert status() == 0
    with pack.changed("balances.csv", b""):
        assert status() == 1


def policy(folder: Path, *lines: str) -> Path:
    """A policy file of these lines."""
    file = folder / "policy"
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return file


def test_timestamps_in_a_pack_are_judged_by_the_verifiers_authorities(pack: Packed, tmp_path: Path) -> None:
    """One that is trusted anchors the log as far as it stamped; another one is not known; none at all says nothing."""
    trusting = policy(tmp_path, f"authority house {pack.tsa.certificates}", "quorum none")
    verdict = pack.judged(trusting)
    (token,) = (name for name in pack.files() if name.endswith(".tsr"))
    size = int(Path(token).stem)
    assert (verdict["anchored"]["size"], verdict["anchored"]["authority"]) == (size, "house")
    assert size < verdict["checkpoint"]["size"]
    assert run(pack, "--policy", str(trusting)).returncode == 0
    other = policy(tmp_path, f"authority other {type(pack.tsa)(tmp_path / 'other').certificates}", "quorum none")
    verdict = pack.judged(other)
    assert (verdict["anchored"], verdict["valid"]) == (None, True)
    assert [(one["code"], one["file"]) for one in verdict["findings"]] == [("timestamp-unknown", token)]
    assert run(pack, "--policy", str(other)).returncode == 1
    assert pack.judged()["anchored"] is None
    data = (pack.folder / token).read_bytes()
    for name in (f"timestamp/{size + 1}.tsr", "timestamp/1000.tsr"):
        with pack.changed(name, data):
            assert pack.found() == {("timestamp", name), ("b3-unlisted", name)}
    growth = f"timestamp/{size}.proof"
    with pack.changed(growth, None):
        heads = {name for name in pack.files() if name == f"heads/{size - 1}.proof"}
        assert (("timestamp", token) in pack.found()) is not bool(heads)


def test_a_pack_without_a_timestamp_says_nothing_of_one(pack: Packed, tmp_path: Path) -> None:
    """Not even to whoever trusts an authority."""
    folder = tmp_path / "pack"
    shutil.copytree(pack.folder, folder)
    shutil.rmtree(folder / "timestamp")
    listed = (folder / "b3").read_text("utf-8").splitlines(keepends=True)
    (folder / "b3").write_text("".join(line for line in listed if "  timestamp/" not in line), encoding="utf-8")
    trusting = policy(tmp_path, f"authority house {pack.tsa.certificates}", "quorum none")
    stranger = load()
    verdict = stranger.Pack(folder, stranger.Policy(pack.told["first_key"], trusting)).verdict()
    assert (verdict["findings"], "anchored" in verdict) == ([], False)
    command = [sys.executable, "-I", "verify.py", ".", "--pin", pack.told["first_key"], "--policy", str(trusting)]
    assert subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0


def test_cosignatures_in_a_pack_are_judged_by_the_verifiers_quorum(pack: Packed, tmp_path: Path) -> None:
    """As far as the checkpoint, or not at all, which is told by the exit status."""
    seen = policy(tmp_path, f"witness w {pack.witness}", "quorum w")
    assert pack.judged(seen)["witnessed"] == pack.judged()["checkpoint"]["size"]
    assert run(pack, "--policy", str(seen)).returncode == 0
    stranger = "witness.example/w2+bfff2874+BO1JKMYo0cLG6ukDOJBZlWEpWSc6XGP5NjbBRhSshzfR"
    unseen = policy(tmp_path, f"witness w {stranger}", "quorum w")
    assert pack.judged(unseen)["witnessed"] is None
    assert run(pack, "--policy", str(unseen)).returncode == 1
