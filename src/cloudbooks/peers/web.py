"""One POST to a service on the web, and nothing that nobody asked for: no redirect, no proxy, no cookie, no second try.

What comes back is a stranger's: it is read up to a limit, as it was sent, and within one deadline from the first byte
to the last.
"""

from __future__ import annotations

import asyncio
import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cloudbooks import __version__
from cloudbooks.errors import PeerFault, Refusal, Sentence, UsageError, sentence

if TYPE_CHECKING:
    import httpx2

CONNECT_SECONDS = 10.0
SECONDS_MAX = 30.0


class WebAddressUnfit(UsageError):
    """A URL is none that is asked: it is not https, nor http on this machine, or it holds a password."""

    code = "web-address-unfit"

    def __init__(self, url: str) -> None:
        super().__init__(
            sentence('"{url}" is no address that is asked here.', url=url),
            hint=sentence("https://a.host/path, or http://127.0.0.1:8041 on this machine"),
        )


class WebExtraMissing(Refusal):
    """The library that speaks with services on the web is not installed."""

    code = "web-extra-missing"

    def __init__(self) -> None:
        super().__init__(
            sentence("this installation has no library to ask services on the web."),
            hint=sentence('pip install "cloudbooks[http]"'),
        )


class WebUnreachable(PeerFault):
    """A service on the web was not reached, or did not answer to the end, in time, or within bounds."""

    code = "web-unreachable"

    def __init__(self, url: str, why: Sentence | str) -> None:
        super().__init__(
            sentence("{url} was not reached, or did not answer: {why}.", url=url, why=why),
            hint=sentence("curl -v {url}", url=url),
        )


@dataclass(frozen=True, slots=True)
class WebAnswer:
    """What a service said: the status, the type of the text, and the text as it was sent."""

    status: int
    type: str
    body: bytes


def address(url: str, *, plain: bool = False) -> str:
    """A URL that may be asked, as it was given; raises `WebAddressUnfit`.

    With `plain` any host may be asked over http: whoever asks holds no secret, and judges the answer by its signature.
    """
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise WebAddressUnfit(url) from None
    printable = url.isascii() and url.isprintable() and " " not in url
    safe = parts.scheme == "https" or (parts.scheme == "http" and (plain or _is_here(host)))
    if not printable or not safe or not host or "@" in parts.netloc or parts.query or parts.fragment:
        raise WebAddressUnfit(url)
    return url


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def post(url: str, body: bytes, *, type_: str, most: int, plain: bool = False) -> WebAnswer:
    """POST a body of a media type and give the answer, whatever its status; `plain` as for `address`.

    At most `most` bytes of the answer are read; more are a fault, and so is a Content-Encoding. Raises
    `WebAddressUnfit`, `WebExtraMissing`, `WebUnreachable`.
    """
    try:
        import httpx2  # noqa: PLC0415, F401 - an extra, and only here
    except ImportError:
        raise WebExtraMissing from None
    return asyncio.run(_post(address(url, plain=plain), body, type_, most))


async def _post(url: str, body: bytes, type_: str, most: int) -> WebAnswer:
    import httpx2  # noqa: PLC0415 - the same

    headers = {
        "Accept-Encoding": "identity",
        "Content-Type": type_,
        "User-Agent": f"cloudbooks/{__version__}",
    }
    timeout = httpx2.Timeout(SECONDS_MAX, connect=CONNECT_SECONDS)
    try:
        # Timeouts of the library begin anew with each byte, so that a slow enough peer would be waited for for ever.
        async with (
            asyncio.timeout(SECONDS_MAX),
            httpx2.AsyncClient(timeout=timeout, follow_redirects=False, trust_env=False) as client,
            client.stream("POST", url, content=body, headers=headers) as answer,
        ):
            return WebAnswer(answer.status_code, answer.headers.get("content-type", ""), await _read(answer, url, most))
    except (TimeoutError, httpx2.TimeoutException):
        raise WebUnreachable(url, sentence("it took more than {n} seconds", n=int(SECONDS_MAX))) from None
    except httpx2.InvalidURL:
        raise WebAddressUnfit(url) from None
    except (httpx2.HTTPError, httpx2.StreamError) as error:
        raise WebUnreachable(url, str(error) or type(error).__name__) from error


async def _read(answer: httpx2.Response, url: str, most: int) -> bytes:
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise WebUnreachable(url, sentence("it packed its answer, which was not asked for"))
    found = bytearray()
    async for part in answer.aiter_raw():
        found += part
        if len(found) > most:
            raise WebUnreachable(url, sentence("it gave more than {n} bytes", n=f"{most:,}"))
    return bytes(found)
