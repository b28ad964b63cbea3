"""Addresses: which are links, whose they are, and when two of them are one page.

The address as seen is always kept beside the canonical one: the canonical form is for comparing, not for opening.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import parse_qsl, unquote, urlencode, urljoin, urlsplit, urlunsplit

from monitor.core.errors import UsageError
from monitor.core.items.tracking import NAMES, PREFIXES, WEAK

#: Browsers and servers refuse longer ones; a "link" beyond this is an attack or a picture.
MOST_CHARACTERS = 4000
#: An AMP cache names the page in its path: cdn.ampproject.org/c/s/example.org/story, google.com/amp/s/example.org/story.
_AMP_CACHE = re.compile(
    r"^(?:[\w-]+\.cdn\.ampproject\.org/(?:c|v|wp)|(?:www\.)?google\.[a-z.]{2,6}/amp)/(s/)?([\w-]+(?:\.[\w-]+)+)(/.*)?$"
)
#: Hosts that show the same page to a phone: m.example.org, en.m.wikipedia.org, amp.example.org, touch.example.org.
_MOBILE = re.compile(r"^(?:m|mobile|amp|touch)\.(?=[^.]+\.[^.]+)|(?<=\.)m\.(?=[^.]+\.[^.]+$)")
#: One site under two names.
_SAME_HOST = {
    "twitter.com": "x.com",
    "www.twitter.com": "x.com",
    "www.x.com": "x.com",
    "youtu.be": "www.youtube.com",
    "youtube.com": "www.youtube.com",
    "youtube-nocookie.com": "www.youtube.com",
    "www.youtube-nocookie.com": "www.youtube.com",
    # They show a post of X with a better picture, and are shared instead of it.
    "fxtwitter.com": "x.com",
    "fixupx.com": "x.com",
    "vxtwitter.com": "x.com",
    "fixvx.com": "x.com",
    "twittpr.com": "x.com",
    # They show posts of X to who has no account.
    "xcancel.com": "x.com",
    "lightbrd.com": "x.com",
    "twiiit.com": "x.com",
}
#: Nitter, the program behind most mirrors of X; whoever runs it calls the host so (nitter.net, nitter.poast.org).
_NITTER = re.compile(r"^nitter\.[\w-]+(?:\.[\w-]+)*$")
#: What a folder's own page is called, if the server tells.
_INDEX = re.compile(r"(?<=/)index\.(?:html?|php)$", re.IGNORECASE)
#: Paths behind which a parameter may say which page it is.
_SCRIPT = re.compile(r"^/?$|\.(?:php\d?|aspx?|cgi|jsp|pl|do|dll)$", re.IGNORECASE)
#: Addresses that only lead to another one, which stands in a parameter: Google Alerts' feeds hold nothing else.
_LEADS = (
    (re.compile(r"(?:www\.)?google\.[a-z.]{2,6}/url"), ("url", "q")),
    (re.compile(r"lm?\.facebook\.com/l\.php"), ("u",)),
    (re.compile(r"l\.(?:instagram|threads)\.com/"), ("u",)),
    (re.compile(r"out\.reddit\.com/[\w-]*"), ("url",)),
    (re.compile(r"www\.youtube\.com/redirect"), ("q",)),
)
_YOUTUBE_VIDEO = re.compile(r"^/(?:shorts|embed|live|v)/([\w-]{6,20})/?$")
_CONTROLS = re.compile(r"[\x00-\x20\x7f\u2028\u2029]")


_FEED_SCHEME = re.compile(r"(?:feed|rss|pcast|itpc):(?=//|https?://)", re.IGNORECASE)


def linked(base: str, href: str) -> str | None:
    """The address that a page or feed at `base` writes as `href`, as `http_link` takes it; None for a broken one, which leads nowhere."""
    try:
        return http_link(urljoin(base, href.strip()))
    except ValueError:
        return None


def http_link(raw: str | None) -> str | None:
    """The address without surrounding spaces if it is an absolute http(s) link with a host, else None.

    `javascript:`, `data:`, relative addresses, and addresses with a user name in them (`https://bank.example@evil.example`
    shows one host and opens another) are no links. Spaces and controls inside are percent-encoded, never kept.
    """
    text = (raw or "").strip()
    if not text or len(text) > MOST_CHARACTERS or text[:5].lower() not in {"http:", "https"}:
        return None
    text = re.sub(r"[\t\r\n]", "", text)  # what every browser does
    try:
        text.encode()  # half a surrogate pair (from JSON) is in no address
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc:
        return None
    if _CONTROLS.search(parts.netloc) or "\\" in parts.netloc or "%" in host:
        return None
    text = parts.scheme + text[len(parts.scheme) :]
    return _CONTROLS.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), text)


def feed_address(raw: str) -> str:
    """A feed's address as old readers and buttons write it: `feed://e.example/rss` and `feed:https://e.example/rss`.

    Any other comes back as it is.
    """
    found = _FEED_SCHEME.match(raw.strip())
    if found is None:
        return raw.strip()
    rest = raw.strip()[found.end() :]
    return rest if re.match(r"https?://", rest, re.IGNORECASE) else f"http://{rest.removeprefix('//')}"


def check_feed_address(written: str) -> str:
    """The web address of a feed that a person wrote; raises UsageError if it is none."""
    address = feed_address(written)
    if http_link(address) is None:
        raise UsageError(f"{written!r} is no web address.", "Write it with https:// in front.")
    return address


def domain_of(url: str | None) -> str | None:
    """Who speaks at an address: its host in lower case without `www.`, mobile and AMP hosts as their site; None if no link."""
    link = http_link(url)
    if link is None:
        return None
    host = (urlsplit(_from_amp_cache(unwrapped(link))).hostname or "").rstrip(".")
    return _one_name(_MOBILE.sub("", host)).removeprefix("www.") or None


def same_site(one: str | None, other: str | None) -> bool:
    """Are both on one host, or is one a subdomain of the other? What a page says of its own address counts only then."""
    a, b = domain_of(one), domain_of(other)
    if a is None or b is None:
        return False
    return a == b or a.endswith(f".{b}") or b.endswith(f".{a}")


@lru_cache(maxsize=4096)
def canonical_url(url: str) -> str:
    """The form of an address in which two spellings of one page are equal. An address that is no link is returned as it is.

    In order: out of the address that leads to it and the AMP cache, host in lower case without default port, mobile hosts, one name per site;
    tracking and AMP parameters; the index page as its folder; AMP path; parameters sorted; fragment away (`#:~:text=` and all others, but `#!` routes);
    then w3lib's canonical percent-encoding. An empty value, a repeated parameter and `?p=123` are kept.
    """
    link = http_link(url)
    if link is None:
        return url
    from w3lib.url import canonicalize_url

    parts = urlsplit(_from_amp_cache(unwrapped(link)))
    host = _MOBILE.sub("", (parts.hostname or "").rstrip("."))
    path, query = parts.path, parse_qsl(parts.query, keep_blank_values=True, max_num_fields=None)
    if host == "youtu.be" and len(path) > 1:
        query = [("v", path[1:]), *query]
        path = "/watch"
    host = _one_name(host)
    if host == "www.youtube.com":
        path, query = _video(path, query)
    if parts.port and parts.port != {"http": 80, "https": 443}[parts.scheme]:
        host = f"{host}:{parts.port}"
    elif ":" in host:
        host = f"[{host}]"
    if host == "x.com":  # a post's parameters (s, t) only ever tell who shared it
        query = [] if "/status" in path else query
    kept = [(name, value) for name, value in query if not _is_tracking(name, value, path)]
    path = _without_amp(_INDEX.sub("", path))
    # A single "!" route (#!/story/1) is a page of its own; everything else in a fragment is a place on the page.
    fragment = parts.fragment if parts.fragment.startswith("!") else ""
    whole = urlunsplit((parts.scheme, host, path or "/", urlencode(sorted(kept)) if kept else "", fragment))
    try:
        return str(canonicalize_url(whole, keep_fragments=bool(fragment)))
    except ValueError:  # w3lib on a host it cannot encode; ours is comparable as it stands
        return whole


def unwrapped(link: str) -> str:
    """Where an address leads that is only made to count who follows it; any other address as it is."""
    parts = urlsplit(link)
    for place, names in _LEADS:
        if place.fullmatch(f"{parts.hostname}{parts.path}"):
            given = dict(parse_qsl(parts.query, max_num_fields=None))
            return next((inner for name in names if (inner := http_link(given.get(name)))), link)
    return link


def _video(path: str, query: list[tuple[str, str]]) -> tuple[str, list[tuple[str, str]]]:
    """A video by its id alone: where to begin and which list it was found in make no other one."""
    found = _YOUTUBE_VIDEO.match(path)
    ids = [found[1]] if found else [value for name, value in query if name == "v"] if path == "/watch" else []
    return ("/watch", [("v", ids[0])]) if ids else (path, query)


def _one_name(host: str) -> str:
    return "x.com" if _NITTER.match(host) else _SAME_HOST.get(host, host)


def _is_tracking(name: str, value: str, path: str) -> bool:
    folded = name.lower()
    if folded in {"amp", "outputtype", "output"}:
        return value.lower() == "amp" or (folded != "output" and value.lower() in {"", "1", "true"})
    if folded in WEAK:
        return not _SCRIPT.search(path)
    return folded in NAMES or folded.startswith(PREFIXES)


def _without_amp(path: str) -> str:
    """`/story/amp`, `/amp/story` and `/story.amp.html` show `/story`. A path that is nothing else is kept."""
    bare = re.sub(r"(?<=[^/])/amp/?$|(?<=[^/])/amp\.html?$", "", path)
    bare = re.sub(r"^/amp(?=/[^/])", "", bare)
    return re.sub(r"\.amp(?=(?:\.html?)?$)", "", bare) or path


def _from_amp_cache(link: str) -> str:
    scheme, _, rest = link.partition("://")
    found = _AMP_CACHE.match(rest)
    if not found or scheme not in {"http", "https"}:
        return link
    secure, host, path = found.groups()
    return f"{'https' if secure else 'http'}://{unquote(host)}{path or '/'}"
