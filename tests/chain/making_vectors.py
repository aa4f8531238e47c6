"""Makes the golden vectors, `python -m tests.chain.making_vectors`: files that exist are left alone, never edited."""

from __future__ import annotations

import json
from base64 import b64encode

from msgspec import Struct
from tests.chain.strategies import AUTHOR, BOOK, VECTORS, SeedSigner

from cloudbooks.chain import batch, block, canonical, checkpoint, merkle, note, record

SALT = "27f49220be4c9938c3d4ae0c0d525877"
CUSTOMER = "019a9c3e-7b00-7000-8000-000000000201"
BANK = "019a9c3e-7b00-7000-8000-000000000102"
SALES = "019a9c3e-7b00-7000-8000-000000000110"
STATEMENT = "019a9c3e-7b00-7000-8000-000000000301"
RULES = "019a9c3e-7b00-7000-8000-000000000302"
FIRST = "019a9c3e-7b00-7000-8000-000000001000"
B3 = canonical.b3(b"")
S256 = canonical.s256(b"")


def _id(last: int) -> str:
    return f"019a9c3e-7b00-7000-8000-{last:012x}"


def _entries(signer: SeedSigner) -> list[record.AnyRecord]:
    """An entry with every field but `reverses`, and its reversal in red."""
    file = record.Attachment(b3=B3, s256=S256, bytes=0, media="application/pdf", name="发票.pdf")
    lines = (
        record.Line(account=BANK, commodity="USD", amount="100.00", value="712.34", settles=(f"{STATEMENT}/1",)),
        record.Line(
            account=SALES,
            commodity="CNY",
            amount="-712.34",
            party=CUSTOMER,
            text='12 "pens" \\ box',
            tax="VAT13",
            dimensions=(record.Dimension("department", "销售"), record.Dimension("project", "P-1")),
        ),
    )
    signature = b64encode(signer.sign(b"golden")).decode()
    sale = record.Entry(
        id=FIRST,
        date="2026-10-31",
        series="记",
        summary="销售商品",
        lines=lines,
        made_by=AUTHOR,
        tags=("export",),
        attachments=(file,),
        source=record.Source(kind="rule", ref=f"{STATEMENT}/1", rule="sales", rules=RULES),
        replaces=_id(0x0FFF),
        kind="opening",
        approvals=(record.Approval(by=_id(3), at="2026-10-31T08:00:00Z", signature=signature),),
    )
    reversal = record.Entry(
        id=_id(0x1001),
        date="2026-10-31",
        series="记",
        summary="冲销",
        lines=(
            record.Line(account=BANK, commodity="USD", amount="-100.00", value="-712.34", red=True),
            record.Line(account=SALES, commodity="CNY", amount="712.34", red=True),
        ),
        made_by=AUTHOR,
        reverses=FIRST,
    )
    return [sale, reversal]


def records(signer: SeedSigner) -> list[record.AnyRecord]:
    """At least one record of every type, and every field at least once; no law is kept."""
    file = record.Attachment(b3=B3, s256=S256, bytes=0, media="text/csv", name="工行.csv")
    return [
        record.Book(
            BOOK,
            SALT,
            "青山文具",
            "CNY",
            "2026-08-01T00:00:00Z",
            SALT,
            1,
            "CN",
            "cn-small",
            "91310",
            separate_duties=True,
        ),
        record.Commodity(_id(4), SALT, "CNY", 2, "人民币"),
        record.Member(
            AUTHOR, SALT, "王敏", str(signer.vkey), ("admin", "approve", "close", "post"), S256, revoked=True
        ),
        record.Account(
            BANK,
            SALT,
            "1002.02",
            "中行美元户",
            "asset",
            "bank",
            _id(0x101),
            "USD",
            ("department", "project"),
            closed=True,
        ),
        record.Party(CUSTOMER, SALT, "Blue Pen Ltd", ("customer", "supplier"), "91310000MA1K000000", closed=True),
        record.Rules(RULES, "手续费", B3, 0),
        record.Statement(STATEMENT, BANK, "USD", file, "icbc/1", "2026-10-01", "2026-10-31", 1, "0.00", "100.00"),
        *_entries(signer),
        record.Price(_id(0x401), "2026-10-31", "USD", "CNY", "7.1234"),
        record.Note(_id(0x601), "2026-10-31T08:15:30Z", "从备份恢复", FIRST),
        record.Close(_id(0x501), "2026-10", "month end"),
        record.Reopen(_id(0x502), "2026-10", "a late invoice"),
    ]


def _keep(name: str, value: object) -> None:
    path = VECTORS / f"golden-{name}.json"
    if not path.exists():
        path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _tag(value: Struct) -> str:
    return str(value.__struct_config__.tag)


def main() -> None:
    """Write what is not there yet."""
    member, witness = SeedSigner(1), SeedSigner(2, "witness.example/w1", note.COSIGNATURE)
    some = records(member)
    _keep("records", [{"type": _tag(item), "line": canonical.encode(item).decode()} for item in some])
    made = batch.make(
        author=AUTHOR,
        base=batch.Base(f"s256:{merkle.EMPTY_ROOT.hex()}", 0),
        book=BOOK,
        id=_id(0x9000),
        made_at="2026-10-31T08:15:30Z",
        program="cloudbooks/0.1.0",
        records=some,
    )
    _keep("batch", {"file": made.data.decode(), "hash": made.hash, "record_root": made.record_root})
    text = batch.note_text(made)
    signed = text + "\n" + note.sign(text, member.vkey.name, member)
    _keep("note", {"vkey": str(member.vkey), "text": text, "file": signed})
    place = block.make(
        batch=made,
        note=signed.encode(),
        number=1,
        previous=B3,
        committed_at="2026-10-31T08:15:31Z",
        numbers=(block.Number("记", "2026-10", 13),),
        balances_root=S256,
    )
    _keep("block", {"file": place.data.decode(), "hash": place.hash})
    tree = merkle.root([merkle.leaf_hash(b""), merkle.leaf_hash(place.data)])
    says = checkpoint.text(checkpoint.origin(BOOK), 2, tree)
    time = 1793434531
    cosignature = note.Signature(
        witness.vkey.name,
        witness.vkey.key_id,
        time.to_bytes(8) + witness.sign(checkpoint.cosigned(says, time)),
    )
    line = note.sign(says, member.vkey.name, member)
    _keep(
        "checkpoint",
        {
            "vkey": str(member.vkey),
            "witness": str(witness.vkey),
            "time": time,
            "text": says,
            "file": f"{says}\n{line}{cosignature}",
        },
    )


if __name__ == "__main__":
    main()
