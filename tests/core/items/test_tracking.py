"""Parameters of an address that tell who sent the reader, and those that name the page."""

from __future__ import annotations

import pytest

from monitor.core.items.tracking import NAMES, PREFIXES
from monitor.core.items.urls import canonical_url


def test_every_tracking_parameter_goes_and_nothing_else():
    for name in [*NAMES, *(f"{prefix}x" for prefix in PREFIXES)]:
        assert canonical_url(f"https://example.org/a?{name}=1&id=7") == "https://example.org/a?id=7", name
    for name in ("id", "p", "q", "page", "ref", "source", "v", "article", "story", "utm", "at", "os"):
        assert canonical_url(f"https://example.org/a?{name}=1") == f"https://example.org/a?{name}=1"


#: As outlets and those who pass their links on write them.
SENT_BY = (
    "CMP=share_btn_tw ICID=ref_fark ns_campaign=x ns_mchannel=social ns_source=twitter at_medium=RSS at_campaign=KARANGA "
    "ocid=socialflow smid=tw-nytimes xtor=AL-72 mod=rss_Technology cmpid=rss ref_src=twsrc%5Etfw sh=4f1e2d3c taid=67d1 "
    "ftag=YHF4eb9d17 guccounter=1 guce_referrer=aHR0 utm_source=x fbclid=1 gclid=1 igshid=1 mc_cid=1 _ga=1 ito=native_share "
    "sref=Xyz reflink=desktopwebshare_permalink smtyp=cur wt_mc=red.soc cx_testId=3 gad_source=1 mibextid=Zxz"
)


#: Each may name the page.
NAMES_THE_PAGE = (
    "id=1 p=1 page=2 story=1 article=1 articleid=1 v=1 q=1 s=1 t=1 a=1 n=1 nid=1 aid=1 sid=1 tid=1 pid=1 uid=1 docid=1 item=1 "
    "news=1 post=1 entry=1 key=1 date=1 lang=en section=1 cat=1 tag=1 title=x slug=x ref=main source=x src=x st=20 start=10 "
    "from=10 cid=1 number=1 no=1 idx=1 doc=1 view=full action=show m=1 type=a name=x url=x file=x"
)


@pytest.mark.parametrize("parameter", SENT_BY.split())
def test_who_sent_the_reader_is_no_part_of_the_page(parameter):
    assert canonical_url(f"https://example.org/a/walks?{parameter}") == "https://example.org/a/walks"


@pytest.mark.parametrize("parameter", [*NAMES_THE_PAGE.split(), "mod=viewthread", "sh=2"])
def test_what_may_name_the_page_is_kept(parameter):
    assert canonical_url(f"https://example.org/show.php?{parameter}").endswith(f"?{parameter}")
    if parameter in NAMES_THE_PAGE.split():
        assert canonical_url(f"https://example.org/a/walks?{parameter}").endswith(f"?{parameter}")
