"""Fetching what a stranger's address names, without reaching into our own network.

A name is resolved once, every address it has must be a public one, and the connection goes to the
address that was looked at: a name that points elsewhere a moment later (DNS rebinding) gains
nothing. The same for every redirect.
"""

import ipaddress
import socket
import time
from dataclasses import dataclass
from typing import BinaryIO

import httpx
from django.conf import settings

MOST_REDIRECTS = 3
CONNECT_SECONDS = 5


class FetchRefused(Exception):
    """The address is not fetched, or its answer is of no use; `reason` is a word for programs."""

    def __init__(self, reason: str):
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came: its size, and the address it came from in the end."""

    size: int
    url: str


def fetch_public(url: str, target: BinaryIO, *, limit: int, seconds: float = 20) -> Fetched:
    """Write what an http(s) address of the open internet answers to a file.

    At most `limit` bytes and `seconds` in all. Raises FetchRefused.
    """
    deadline = time.monotonic() + seconds
    for _ in range(MOST_REDIRECTS + 1):
        wanted = _read(url)
        address = _public_address(wanted)
        try:
            following = _get(wanted, address, target, limit, deadline)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
            raise FetchRefused("unreachable") from error
        if following is None:
            return Fetched(target.tell(), str(wanted))
        url = following
    raise FetchRefused("too_many_redirects")


def _read(url: str) -> httpx.URL:
    try:
        wanted = httpx.URL(url)
    except (httpx.InvalidURL, TypeError, ValueError) as error:
        raise FetchRefused("no_url") from error
    if wanted.scheme not in {"http", "https"} or not wanted.host or wanted.userinfo:
        raise FetchRefused("no_url")
    return wanted


def _public_address(url: httpx.URL) -> str:
    """Give an address of the host; raise FetchRefused where any of them is not public."""
    try:
        found = socket.getaddrinfo(
            url.raw_host.decode("ascii"), url.port or None, type=socket.SOCK_STREAM
        )
    except (OSError, UnicodeError, ValueError) as error:
        raise FetchRefused("unreachable") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if url.host not in settings.OUTGOING_PRIVATE_HOSTS and not all(map(_is_public, addresses)):
        raise FetchRefused("private")
    return addresses[0]


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        # What stands for an IPv4 address is judged as that one.
        mapped = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if mapped is not None:
            return _is_public(str(mapped))
        if address in ipaddress.ip_network("64:ff9b::/96"):
            return _is_public(str(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)))
    return address.is_global and not address.is_multicast


def _get(url: httpx.URL, address: str, target: BinaryIO, limit: int, deadline: float) -> str | None:
    """Ask one address; give where it points further, or None once the file is written."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise FetchRefused("too_slow")
    pinned = url.copy_with(host=address)
    # No proxy of the environment: it would resolve the name again. httpcore takes the certificate's
    # name from `sni_hostname`.
    with (
        httpx.Client(
            trust_env=False, timeout=httpx.Timeout(left, connect=min(left, CONNECT_SECONDS))
        ) as client,
        client.stream(
            "GET",
            pinned,
            headers={"Host": url.netloc.decode("ascii"), "Accept-Encoding": "identity"},
            extensions={"sni_hostname": url.raw_host.decode("ascii")},
        ) as answer,
    ):
        if answer.is_redirect:
            return str(url.join(answer.headers["Location"]))
        if answer.status_code != httpx.codes.OK:
            raise FetchRefused("unreachable")
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            # Compressed bytes could become any number of plain ones.
            raise FetchRefused("encoded")
        # As it comes: waiting for full pieces, a site that drips would never meet the clock.
        for chunk in answer.iter_raw():
            if target.tell() + len(chunk) > limit:
                raise FetchRefused("too_large")
            if time.monotonic() > deadline:
                raise FetchRefused("too_slow")
            target.write(chunk)
    return None
