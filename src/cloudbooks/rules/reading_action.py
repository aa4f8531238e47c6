"""Reading actions: from plain values to what a rule makes of a line."""

from __future__ import annotations

from cloudbooks.errors import sentence
from cloudbooks.notation.strict_yaml import Path, Value
from cloudbooks.rules.action import PLACEHOLDER, PLACEHOLDERS, WHOLE, Action, Fixed, Percent, Split
from cloudbooks.rules.proofreading import Proofreader, did_you_mean
from cloudbooks.rules.reading_condition import scaled
from cloudbooks.rules.subject import AMOUNT_SCALE

TAG_MAX = 64
"""Characters of a tag."""

_KEYS = ("account", "party", "summary", "tags", "splits", "ignore")
_SPLIT_KEYS = ("account", "share", "amount", "party", "text")
_WHOLE = WHOLE * 10**AMOUNT_SCALE


def read_action(reader: Proofreader, value: Value, path: Path) -> Action:
    """The action at `path`. Faults are noted in `reader`."""
    hint = sentence('write it like {{account: "5602", summary: Office supplies}}')
    known = reader.mapping(value, path, _KEYS, hint)
    if known is None:
        return Action()
    _require_one_way(reader, known, path)
    account = reader.text(known["account"], (*path, "account")) if "account" in known else ""
    templates = {key: _template(reader, known[key], (*path, key)) for key in ("party", "summary") if key in known}
    return Action(
        account=(account or "").strip(),
        party=templates.get("party", ""),
        summary=templates.get("summary", ""),
        tags=_tags(reader, known["tags"], (*path, "tags")) if "tags" in known else (),
        splits=_splits(reader, known["splits"], (*path, "splits")) if "splits" in known else (),
        ignore=_reason(reader, known["ignore"], (*path, "ignore")) if "ignore" in known else "",
    )


def _reason(reader: Proofreader, value: Value, path: Path) -> str:
    if isinstance(value, str):
        return (reader.text(value, path) or "").strip()
    hint = sentence("write ignore: and the reason, which stays with the line")
    reader.fault(path, sentence("an ignored line needs its reason."), hint)
    return ""


def _require_one_way(reader: Proofreader, known: dict[str, Value], path: Path) -> None:
    """Every line goes to one account, to several by splits, or is ignored with a reason."""
    ways = [key for key in ("account", "splits", "ignore") if key in known]
    if not ways:
        hint = sentence("write account, splits, or ignore with the reason")
        reader.fault(path, sentence("the action does not say where the line goes."), hint)
    elif len(ways) > 1:
        message = sentence("{first} and {second} exclude each other.", first=ways[0], second=ways[1])
        reader.fault((*path, ways[1]), message, sentence("keep one of them"), key=True)
    elif ways == ["ignore"]:
        for key in known:
            if key != "ignore":
                message = sentence("an ignored line has no {key}.", key=key)
                reader.fault((*path, key), message, sentence("take the key out"), key=True)


def _template(reader: Proofreader, value: Value, path: Path) -> str:
    text = reader.text(value, path)
    if text is None:
        return ""
    for found in PLACEHOLDER.finditer(text):
        word = found.group(1)
        if word is None:
            reader.fault(path, sentence("a brace stands alone."), sentence("write {{text}}, {{party}} or {{date}}"))
        elif word not in PLACEHOLDERS:
            message = sentence('unknown placeholder "{word}".', word=word)
            reader.fault(path, message, did_you_mean(word, PLACEHOLDERS))
    return text


def _tags(reader: Proofreader, value: Value, path: Path) -> tuple[str, ...]:
    tags = []
    for number, item in enumerate(reader.items(value, path, sentence("write tags in brackets: [office]"))):
        tag = reader.text(item, (*path, number))
        if tag is not None and len(tag) > TAG_MAX:
            message = sentence("the tag has {n} characters; {most} are read.", n=len(tag), most=TAG_MAX)
            reader.fault((*path, number), message)
        elif tag is not None:
            tags.append(tag.strip())
    return tuple(dict.fromkeys(tags))


def _splits(reader: Proofreader, value: Value, path: Path) -> tuple[Split, ...]:
    hint = sentence("write splits as a list of accounts with share or amount")
    items = reader.items(value, path, hint)
    if isinstance(value, list) and len(items) < 2:  # noqa: PLR2004 - one part is no split
        reader.fault(path, sentence("splits are two or more."), sentence("for one account write account"))
    splits = [_split(reader, item, (*path, number), last=number == len(items) - 1) for number, item in enumerate(items)]
    _check_shares(reader, splits, path)
    return tuple(splits)


def _split(reader: Proofreader, value: Value, path: Path, *, last: bool) -> Split:
    hint = sentence('write it like {{account: "5602", share: 60}}')
    known = reader.mapping(value, path, _SPLIT_KEYS, hint)
    if known is None:
        return Split("", None)
    if "account" not in known:
        reader.fault(path, sentence("this split has no account."))
    if "share" in known and "amount" in known:
        message = sentence("{first} and {second} exclude each other.", first="share", second="amount")
        reader.fault((*path, "amount"), message, sentence("keep one of them"), key=True)
    if last and "amount" in known:
        hint = sentence("take the amount out, or add a split for the rest")
        reader.fault((*path, "amount"), sentence("the last split takes what is left."), hint, key=True)
    if not last and "share" not in known and "amount" not in known:
        hint = sentence("only the last split takes what is left")
        reader.fault(path, sentence("this split has neither share nor amount."), hint)
    portion: Percent | Fixed | None = None
    if "share" in known:
        portion = _share(reader, known["share"], (*path, "share"))
    elif "amount" in known:
        portion = _fixed(reader, known["amount"], (*path, "amount"))
    account = reader.text(known["account"], (*path, "account")) if "account" in known else ""
    words = {key: reader.text(known[key], (*path, key)) or "" for key in ("party", "text") if key in known}
    return Split((account or "").strip(), portion, words.get("party", ""), words.get("text", ""))


def _share(reader: Proofreader, value: Value, path: Path) -> Percent | None:
    text = reader.text(value, path)
    if text is None:
        return None
    number = scaled(text.removesuffix("%").rstrip())
    if number is None or not 0 < number <= _WHOLE:
        message = sentence('"{text}" is not a percentage above 0 and at most 100.', text=text)
        reader.fault(path, message, sentence("write it like 60 or 33.3"))
        return None
    return Percent(*_shortest(number))


def _fixed(reader: Proofreader, value: Value, path: Path) -> Fixed | None:
    text = reader.text(value, path)
    if text is None:
        return None
    number = scaled(text)
    if number is None or number <= 0:
        message = sentence('"{text}" is not an amount above 0.', text=text)
        reader.fault(path, message, sentence("write it like 12.50; the side follows the line"))
        return None
    return Fixed(*_shortest(number))


def _shortest(number: int) -> tuple[int, int]:
    decimals = AMOUNT_SCALE
    while decimals and number % 10 == 0:
        number //= 10
        decimals -= 1
    return number, decimals


def _check_shares(reader: Proofreader, splits: list[Split], path: Path) -> None:
    """All shares given are 100 in all; where the last split takes the rest, the others leave something."""
    shares = [split.portion for split in splits if isinstance(split.portion, Percent)]
    total = sum(share.digits * 10 ** (AMOUNT_SCALE - share.decimals) for share in shares)
    shown = str(Percent(*_shortest(total)))
    last_has_share = bool(splits) and isinstance(splits[-1].portion, Percent)
    if last_has_share and (len(shares) < len(splits) or total != _WHOLE):
        message = sentence("the shares are {total} percent in all, not 100.", total=shown)
        reader.fault(path, message, sentence("leave out the last share: the last split takes what is left"))
    elif not last_has_share and total >= _WHOLE:
        message = sentence("the shares are {total} percent in all; nothing is left for the last split.", total=shown)
        reader.fault(path, message)
