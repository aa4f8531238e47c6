from __future__ import annotations

import hashlib
from base64 import b64encode
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from tests.chain.strategies import SeedSigner, vectors

from cloudbooks.chain import ed25519, note
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.note import Signature, SignedNote, Vkey

WORKED: dict[str, Any] = vectors("worked/c2sp-worked.json")
PUBLISHED: list[dict[str, str]] = vectors("notes/c2sp-examples.json")
WYCHEPROOF = [
    (group["publicKey"]["pk"], case)
    for group in vectors("wycheproof/ed25519_test.json")["testGroups"]
    for case in group["tests"]
]
A = SeedSigner(5, "example.org/a")
TEXT = "first\n\nthird\n"
SIGNED = TEXT + "\n" + note.sign(TEXT, "example.org/a", A)


def _code(data: bytes) -> str:
    with pytest.raises(FormFault) as caught:
        SignedNote.parse(data)
    return caught.value.code


@pytest.mark.parametrize("name", WORKED["keys"])
def test_worked_keys(name: str) -> None:
    """Key ids and vkeys of the worked example are made and read back."""
    case = WORKED["keys"][name]
    key = Vkey.of(case["name"], bytes.fromhex(case["public"]), case["type"])
    assert key.key_id.hex() == case["key_id"]
    assert str(key) == case["vkey"]
    assert Vkey.parse(case["vkey"]) == key


def test_worked_note() -> None:
    """The worked note is signed to the byte, parses, and verifies although an unknown signer comes first."""
    case = WORKED["note"]
    assert note.sign(case["text"], "example.org/a", A) == case["line"]
    parsed = SignedNote.parse(case["file"].encode())
    assert parsed.text == case["text"]
    assert str(parsed) == case["file"]
    assert parsed.verified_by([A.vkey]) == (A.vkey,)
    assert hashlib.sha256(str(parsed).encode()).hexdigest() == case["file_sha256"]


def test_published_note() -> None:
    """The specification's own note verifies with the key that it prints."""
    case = next(case for case in PUBLISHED if case["case"] == "note-valid")
    key = Vkey.parse(case["vkey"])
    assert SignedNote.parse(case["note"].encode()).verified_by([key]) == (key,)
    assert str(key) == case["vkey"]


@pytest.mark.parametrize("case", [case for case in PUBLISHED if "note" in case], ids=lambda case: str(case["case"]))
def test_published_notes_parse(case: dict[str, str]) -> None:
    """Every note that the specifications print parses, and is written as it was."""
    assert str(SignedNote.parse(case["note"].encode())) == case["note"]


def test_published_signature_lines_parse() -> None:
    """The signature lines of a witness's answer parse, each with a time and a signature after the key id."""
    answer = next(case["response"] for case in PUBLISHED if "response" in case)
    assert [len(Signature.parse(line).blob) for line in answer[:-1].split("\n")] == [72, 72, 72]


def test_inner_empty_line() -> None:
    """The text ends at the last empty line; earlier ones belong to it."""
    case = next(case for case in PUBLISHED if case["case"] == "note-inner-empty-line")
    assert SignedNote.parse(case["note"].encode()).text.count("\n") == 4


def test_golden_note() -> None:
    """The author's note that was fixed once parses, verifies and is written in the same bytes."""
    golden = vectors("golden-note.json")
    parsed = SignedNote.parse(golden["file"].encode())
    note.verify_author(parsed, golden["text"], Vkey.parse(golden["vkey"]))
    assert golden["text"] + "\n" + note.sign(golden["text"], SeedSigner(1).vkey.name, SeedSigner(1)) == golden["file"]


LINE = str(SignedNote.parse(SIGNED.encode()).signatures[0])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        b"text\n",
        b"text\n\n",
        f"text\n{LINE}".encode(),
        SIGNED[:-1].encode(),
        SIGNED.encode() + b"\n",
        SIGNED.encode() + b"x",
        SIGNED.replace("\n", "\r\n").encode(),
        b"\xff" + SIGNED.encode(),
        b"a\tb\n\n" + LINE.encode(),
        b"a\0b\n\n" + LINE.encode(),
        ("text\n\n" + LINE + "not a line\n").encode(),
        ("text\n\n" + LINE.replace("— ", "- ")).encode(),
        ("text\n\n" + LINE.replace("— ", "—  ")).encode(),
        ("text\n\n" + LINE.replace(" etB", "  etB")).encode(),
        ("text\n\n" + LINE.replace("example.org", "exam+ple")).encode(),
        ("text\n\n" + LINE.replace("example.org", "exam\u3000ple")).encode(),
        ("text\n\n" + LINE.replace("example.org", "exam\u0085ple")).encode(),
        ("text\n\n" + LINE.replace("=\n", "\n")).encode(),
        ("text\n\n" + LINE.replace("c=\n", "d=\n")).encode(),
        b"text\n\n\xe2\x80\x94 a AAAA\n",
        b"text\n\n\xe2\x80\x94 a \n",
        ("text\n\n" + 65 * LINE).encode(),
        b"x" * (1 << 20) + SIGNED.encode(),
    ],
)
def test_malformed_notes(data: bytes) -> None:
    """One byte off the form makes a note malformed, not unknown."""
    assert _code(data) == "note"


def test_many_signatures() -> None:
    """A note may have 64 signatures."""
    assert len(SignedNote.parse(("text\n\n" + 64 * LINE).encode()).signatures) == 64


@given(st.binary() | st.text().map(str.encode))
def test_hostile_bytes_are_refused_in_one_way(data: bytes) -> None:
    """Bytes either are a note, written back as they are, or are refused as a fault of form."""
    try:
        parsed = SignedNote.parse(data)
    except FormFault:
        return
    assert str(parsed).encode() == data


@given(st.data())
def test_a_changed_note_does_not_verify(data: st.DataObject) -> None:
    """Any other byte anywhere in a signed note makes it malformed, unknown or wrong."""
    raw = bytearray(SIGNED.encode())
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] = data.draw(st.integers(0, 255).filter(lambda byte: byte != raw[at]))
    try:
        assert SignedNote.parse(bytes(raw)).verified_by([A.vkey]) == ()
    except FormFault as fault:
        assert fault.code in {"note", "signature"}  # noqa: PT017 - none of the two is a fault as well


def test_unknown_signers_are_skipped() -> None:
    """A signature is unknown if only its name or only its key id is known, whatever its bytes."""
    parsed = SignedNote.parse(SIGNED.encode())
    other_name = Vkey("example.org/b", A.vkey.key_id, note.ED25519, A.vkey.public)
    other_id = Vkey("example.org/a", b"\0\0\0\0", note.ED25519, A.vkey.public)
    assert parsed.verified_by([other_name, other_id]) == ()


def test_a_wrong_signature_refuses_the_note() -> None:
    """A wrong signature of a known key refuses the whole note, even beside a good one by another."""
    b = SeedSigner(6, "example.org/b")
    wrong = SIGNED.replace("third", "tried").encode() + note.sign("first\n\ntried\n", "example.org/b", b).encode()
    with pytest.raises(FormFault) as caught:
        SignedNote.parse(wrong).verified_by([A.vkey, b.vkey])
    assert caught.value.code == "signature"
    assert SignedNote.parse(wrong).verified_by([b.vkey]) == (b.vkey,)


def test_the_same_key_twice_counts_once() -> None:
    """A key that signed twice counts once, and both signatures must verify."""
    twice = SIGNED.encode() + LINE.encode()
    assert SignedNote.parse(twice).verified_by([A.vkey]) == (A.vkey,)
    wrong = Signature("example.org/a", A.vkey.key_id, bytes(64))
    with pytest.raises(FormFault):
        SignedNote.parse(SIGNED.encode() + str(wrong).encode()).verified_by([A.vkey])


def test_an_authors_note_has_one_signature() -> None:
    """An author's note with two signatures, none by the author, or another text is refused."""
    parsed = SignedNote.parse(SIGNED.encode())
    note.verify_author(parsed, TEXT, A.vkey)
    faults = {
        "two": (SignedNote(TEXT, parsed.signatures * 2), TEXT, A.vkey),
        "text": (parsed, "another\n", A.vkey),
        "other": (parsed, TEXT, SeedSigner(6, "example.org/a").vkey),
        "type": (parsed, TEXT, SeedSigner(5, "example.org/a", note.COSIGNATURE).vkey),
    }
    codes = {}
    for name, (given_note, text, key) in faults.items():
        with pytest.raises(FormFault) as caught:
            note.verify_author(given_note, text, key)
        codes[name] = caught.value.code
    assert codes == {"two": "note", "text": "note", "other": "signature", "type": "signature"}


@pytest.mark.parametrize(
    ("text", "name"), [("no end", "a"), ("a\tb\n", "a"), ("a\n", "a b"), ("a\n", ""), ("\ud800\n", "a")]
)
def test_what_no_note_can_hold_is_not_signed(text: str, name: str) -> None:
    """A text or key name that no reader would take is not signed."""
    with pytest.raises(FormFault) as caught:
        note.sign(text, name, A)
    assert caught.value.code == "note"


def _other_id(text: str) -> str:
    name, digits, rest = text.split("+", 2)
    return f"{name}+{int(digits, 16) ^ 1:08x}+{rest}"


GOOD = str(A.vkey)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+",
        "++",
        "a+b+c",
        GOOD[:-1],
        GOOD + "=",
        GOOD + "\n",
        " " + GOOD,
        "x" + GOOD,
        GOOD.upper(),
        _other_id(GOOD),
        GOOD.replace("7ad04079", "7AD04079"),
        GOOD.replace("7ad04079", "7ad0407"),
        str(Vkey.of("", A.vkey.public)),
        str(Vkey.of("a b", A.vkey.public)),
        str(Vkey.of("a\u00a0b", A.vkey.public)),
        str(Vkey.of("a", A.vkey.public, 2)),
        str(Vkey.of("a", A.vkey.public[:-1])),
        str(Vkey.of("a", A.vkey.public + b"\0")),
        str(Vkey.of("a", A.vkey.public, note.MLDSA44)),
        "\ud800" + GOOD,
    ],
)
def test_other_texts_are_no_vkeys(text: str) -> None:
    """A vkey with another id, length, type, spelling or name is refused."""
    with pytest.raises(FormFault) as caught:
        Vkey.parse(text)
    assert caught.value.code == "schema"


@given(st.text(max_size=30), st.binary(max_size=40))
def test_hostile_vkeys_are_refused_in_one_way(name: str, blob: bytes) -> None:
    """Texts either are vkeys, written back as they are, or are refused as a fault of form."""
    for text in (name, f"{name}+{blob[:4].hex()}+{b64encode(blob).decode()}"):
        try:
            assert str(Vkey.parse(text)) == text
        except FormFault as fault:
            assert fault.code == "schema"  # noqa: PT017 - a text that is a vkey is no fault


def test_keys_of_type_06_are_read() -> None:
    """A vkey of an ML-DSA-44 witness is read, and its lines are skipped as an unknown signer's."""
    key = Vkey.of("witness.example/pq", bytes(1312), note.MLDSA44)
    assert Vkey.parse(str(key)) == key
    line = str(Signature(key.name, key.key_id, bytes(8 + 2420)))
    assert SignedNote.parse(SIGNED.encode() + line.encode()).verified_by([key, A.vkey]) == (A.vkey,)


@pytest.mark.parametrize(("public", "case"), WYCHEPROOF, ids=[str(case["tcId"]) for _, case in WYCHEPROOF])
def test_wycheproof(public: str, case: dict[str, str]) -> None:
    """Each signature of Wycheproof is judged as Wycheproof judges it."""
    verified = ed25519.verifies(bytes.fromhex(public), bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]))
    assert verified is (case["result"] == "valid")


def test_all_of_wycheproof() -> None:
    """The published file has 151 cases, and 63 of them are bad."""
    assert [case["result"] for _, case in WYCHEPROOF].count("invalid") == 63
    assert len(WYCHEPROOF) == 151


SMALL_ORDER = [
    bytes.fromhex(digits)
    for digits in (
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    )
]
"""Every encoding of a point of order 1, 2, 4 or 8, those not in canonical form included."""


def _scalar(seed: bytes) -> int:
    # RFC 8032 section 5.1.5: the secret scalar of a seed.
    return int.from_bytes(hashlib.sha512(seed).digest()[:32], "little") & (2**254 - 8) | 2**254


def _challenge(r: bytes, public: bytes, message: bytes) -> int:
    return int.from_bytes(hashlib.sha512(r + public + message).digest(), "little")


@pytest.mark.parametrize("point", SMALL_ORDER, ids=bytes.hex)
def test_keys_of_small_order(point: bytes) -> None:
    """A key of small order would sign every eighth message at least; no signature by it counts."""
    secret = Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32)
    r, s = secret.public_key().public_bytes_raw(), _scalar(bytes([1]) * 32) % ed25519.ORDER
    for message in range(32):
        assert not ed25519.verifies(point, r + s.to_bytes(32, "little"), bytes([message]))
    assert not ed25519.is_sound_point(point)


@pytest.mark.parametrize("point", SMALL_ORDER, ids=bytes.hex)
def test_r_of_small_order(point: bytes) -> None:
    """An R of small order is refused, even where it is neutral and the equation holds."""
    seed, message = bytes([1]) * 32, b"message"
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    s = _challenge(point, public, message) * _scalar(seed) % ed25519.ORDER
    assert not ed25519.verifies(public, point + s.to_bytes(32, "little"), message)


@given(st.integers(0, 18), st.booleans())
def test_points_not_in_canonical_form(above: int, sign: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
    """No y of the prime or above is taken, neither as key nor as R."""
    point = (ed25519.PRIME + above | sign << 255).to_bytes(32, "little")
    public = A.vkey.public
    assert not ed25519.is_sound_point(point)
    assert not ed25519.verifies(public, point + bytes(32), b"message")


def test_keys_off_the_curve() -> None:
    """Of the encodings of y = 2 and more about half are points of the curve; all keys that are made are."""
    sound = [ed25519.is_sound_point(y.to_bytes(32, "little")) for y in range(2, 202)]
    assert 70 < sound.count(True) < 130
    assert all(ed25519.is_sound_point(SeedSigner(seed).vkey.public) for seed in range(1, 256))


@pytest.mark.parametrize("length", [0, 31, 33, 1312])
def test_keys_of_other_lengths(length: int) -> None:
    """A key has 32 bytes, or it verifies nothing."""
    assert not ed25519.verifies(bytes(length), bytes(64), b"message")


@given(st.integers(1, 255), st.binary(max_size=40), st.integers(0, 511))
def test_signatures_verify_until_a_bit_is_flipped(seed: int, message: bytes, bit: int) -> None:
    """What a key signs verifies; the same with one bit of the signature flipped does not, nor with S + L."""
    signer = SeedSigner(seed)
    signature = signer.sign(message)
    assert ed25519.verifies(signer.vkey.public, signature, message)
    flipped = (int.from_bytes(signature, "little") ^ 1 << bit).to_bytes(64, "little")
    assert not ed25519.verifies(signer.vkey.public, flipped, message)
    scalar = int.from_bytes(signature[32:], "little") + ed25519.ORDER
    assert not ed25519.verifies(signer.vkey.public, signature[:32] + scalar.to_bytes(32, "little"), message)
