"""Who speaks: the name of an outlet stays, two feeds of one host are two."""

from __future__ import annotations

from monitor.core.entry import Entry
from monitor.core.items.outlets import outlet_of
from monitor.core.model import Kind, Network


def entry(name, source="host.example", **more):
    return Entry(guid=None, url=None, title="T", text="", source=source, source_name=name, **more)


def test_the_first_feeds_name_stays():
    assert outlet_of(entry("Gazette"), {}, of_feed=True) == ("host.example", "Gazette")
    known = {"host.example": "Gazette"}
    assert outlet_of(entry("GAZETTE – the site"), known, of_feed=False) == ("host.example", "Gazette")
    assert outlet_of(entry("gazette"), known, of_feed=True) == ("host.example", "Gazette")
    assert outlet_of(entry(""), known, of_feed=True) == ("host.example", "Gazette")


def test_an_address_is_no_name():
    known = {"host.example": "host.example"}
    assert outlet_of(entry("Gazette"), known, of_feed=False) == ("host.example", "Gazette")
    assert outlet_of(entry(""), {}, of_feed=True) == ("host.example", "host.example")


def test_a_second_feed_of_the_host_is_a_second_outlet():
    known = {"host.example": "Gazette"}
    key, name = outlet_of(entry("The Lantern!"), known, of_feed=True)
    assert (key, name) == ("host.example#the-lantern", "The Lantern!")
    assert outlet_of(entry("the lantern"), known | {key: name}, of_feed=True) == (key, name)


def test_channels_and_people():
    channel = entry("Channel B", source="youtube.com", network=Network.YOUTUBE)
    known = {"youtube:youtube.com": "Channel A"}
    assert outlet_of(channel, known, of_feed=True) == ("youtube:youtube.com#channel-b", "Channel B")
    ada = entry("Ada Lovelace", source="@Ada", kind=Kind.POST, network=Network.X)
    assert outlet_of(ada, {"x:ada": "Ada L"}, of_feed=True) == ("x:ada", "Ada Lovelace")
