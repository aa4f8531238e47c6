"""`tools/verify.py`, which stands alone, as tests call it: in this process, on folders that they write."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from cloudbooks.chain.verifying import Policy, Verdict, verify
from cloudbooks.peers.layout import FolderLog

PROGRAM = Path(__file__).parents[2] / "tools" / "verify.py"


def load() -> ModuleType:
    """The program as a module of its own name, once."""
    if "verify_of_a_stranger" not in sys.modules:
        spec = importlib.util.spec_from_file_location("verify_of_a_stranger", PROGRAM)
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
    return sys.modules["verify_of_a_stranger"]


def write(folder: Path, files: Mapping[str, bytes]) -> Path:
    """A folder with these files."""
    for name, data in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return folder


def facts(verdict: dict[str, Any]) -> dict[str, Any]:
    """What both verifiers must agree on: facts, counts, head, and each finding's code and place."""
    same = ("valid", "consistent", "signed", "self_declared", "witnessed", "blocks", "records", "entries", "head")
    findings = [(found["code"], found["block"], found["record"]) for found in verdict["findings"]]
    return {name: verdict[name] for name in same} | {"findings": findings}


def strangers(folder: Path, policy: Policy) -> dict[str, Any]:
    """The verdict of the second verifier."""
    verdict: dict[str, Any] = load().Folder(folder, told(policy)).verdict()
    return facts(verdict)


def told(policy: Policy) -> Any:
    """A policy as the second verifier has it."""
    theirs = load().Policy()
    theirs.pins = {str(policy.pin)} if policy.pin else set()
    theirs.witnesses = {str(key): load().key_of(str(key)) for key in policy.witnesses}
    if policy.quorum:
        theirs.groups, theirs.quorum = {"all": (policy.quorum, list(theirs.witnesses))}, "all"
    return theirs


def ours(folder: Path, policy: Policy) -> dict[str, Any]:
    """The verdict of `cloudbooks verify`, written as the second verifier's."""
    return facts(as_json(verify(FolderLog(folder), policy)))


def as_json(verdict: Verdict) -> dict[str, Any]:
    """A verdict as `cloudbooks verify --json` has it."""
    return {
        "valid": verdict.valid,
        "consistent": verdict.consistent,
        "signed": verdict.signed,
        "self_declared": verdict.self_declared,
        "witnessed": verdict.witnessed or None,
        "blocks": verdict.blocks,
        "records": verdict.records,
        "entries": verdict.entries,
        "head": {"number": verdict.blocks - 1, "hash": verdict.head} if verdict.blocks else None,
        "findings": [
            {"code": found.code, "block": found.block, "record": found.record, "message": str(found.message)}
            for found in verdict.findings
        ],
    }
