"""Asking a timestamp authority over HTTP (RFC 3161 section 3.4): one request, one answer, and nothing believed."""

from __future__ import annotations

from http import HTTPStatus

from cloudbooks.chain.timestamp import TOKEN_BYTES_MAX
from cloudbooks.errors import PeerFault, Sentence, sentence
from cloudbooks.peers import web

ANSWER_BYTES_MAX = TOKEN_BYTES_MAX + (1 << 12)
"""A token, and what an answer says around it."""

_QUERY = "application/timestamp-query"
_REPLY = "application/timestamp-reply"


class AuthorityAnswer(PeerFault):
    """A timestamp authority answered, and not with a timestamp over what was sent; nothing was kept."""

    code = "timestamp-answer"

    def __init__(self, url: str, why: Sentence) -> None:
        super().__init__(
            sentence("{url} gave no timestamp: {why} Nothing was kept.", url=url, why=why),
            hint=sentence("another authority: cloudbooks chain timestamp --tsa URL"),
        )


def ask(url: str, request: bytes, *, judged: bool) -> bytes:
    """The answer (TimeStampResp) of an authority to a request (TimeStampReq), unread.

    Many authorities speak http alone; they are asked where the answer is `judged` by its signature.

    Raises `WebAddressUnfit`, `WebExtraMissing`, `WebUnreachable`, and `AuthorityAnswer` for what is none by its status
    or type.
    """
    answer = web.post(url, request, type_=_QUERY, most=ANSWER_BYTES_MAX, plain=judged)
    if answer.status != HTTPStatus.OK:
        raise AuthorityAnswer(url, sentence("it answered with HTTP status {status}.", status=answer.status))
    type_ = answer.type.partition(";")[0].strip().lower()
    if type_ != _REPLY:
        raise AuthorityAnswer(url, sentence('its answer is of the type "{type}".', type=type_))
    return answer.body
