"""Query parameters that tell who sent a reader and never which page it is. Pure data, held by tests.

A name belongs here if the page is the same without it on every site that uses it; a name that some site needs (`id`,
`p`, `ref` of a code host, `source` of a library) does not. Names that are a page's on old sites and tracking on others
are in WEAK. Sources: the lists of Firefox (query stripping), Brave and
the AdGuard URL tracking filter, read for names, and what feeds in our corpora carry.
"""

from __future__ import annotations

#: Every parameter that begins like this.
PREFIXES = (
    "utm_",  # Google Analytics and all that imitate it
    "mtm_",  # Matomo
    "pk_",  # Piwik
    "piwik_",
    "hsa_",  # HubSpot ads
    "_hs",  # HubSpot mail (_hsenc, _hsmi)
    "at_",  # AT Internet (BBC, France Télévisions: at_medium, at_campaign)
    "ns_",  # comScore (ns_mchannel, ns_source)
    "itm_",
    "stm_",
    "cm_mmc",
    "trk_",
    "cx_",  # Piano's tests (cx_testId, cx_artPos)
    "wt_",  # Webtrekk (wt_mc, wt_zmc): most German papers
    "matomo_",
    "gad_",  # Google Ads (gad_source)
    "amp_",  # what AMP's viewer adds (amp_js_v, amp_gsa)
    "__hs",  # HubSpot's forms
)

#: Exactly these.
NAMES = frozenset(
    {
        "__twitter_impression",
        "_branch_match_id",
        "_branch_referrer",
        "_ga",
        "_gl",
        "_kx",
        "_openstat",
        "action_object_map",
        "action_ref_map",
        "action_type_map",
        "bxid",  # Condé Nast
        "cmp",  # the Guardian
        "cmpid",
        "cndid",  # Condé Nast
        "dclid",
        "dicbo",
        "echobox",
        "ecid",
        "emc",  # New York Times
        "epik",
        "esrc",  # Condé Nast
        "fb_action_ids",
        "fb_action_types",
        "fb_ref",
        "fb_source",
        "fbclid",
        "feature",  # YouTube: share, youtu.be
        "ftag",
        "gaa_at",
        "gaa_n",
        "gaa_sig",
        "gaa_ts",
        "gbraid",
        "gclid",
        "gclsrc",
        "guccounter",
        "guce_referrer",
        "guce_referrer_sig",
        "icid",
        "igsh",
        "igshid",
        "intcid",
        "ito",  # Daily Mail
        "leadsource",  # Bloomberg
        "li_fat_id",
        "mbid",
        "mc_cid",
        "mc_eid",
        "mibextid",
        "mkt_tok",
        "msclkid",
        "ncid",
        "oborigurl",  # Outbrain
        "oc",  # news.google.com
        "ocid",
        "oly_anon_id",
        "oly_enc_id",
        "original_referer",
        "pcampaignid",
        "rb_clickid",
        "rdt_cid",
        "ref_src",
        "ref_url",
        "reflink",  # Wall Street Journal
        "s_cid",
        "s_kwcid",
        "sc_cid",
        "sc_src",
        "sfnsn",
        "sharetoken",  # the Times
        "sharetype",
        "si",  # YouTube
        "smid",
        "smprod",  # New York Times
        "smtyp",  # New York Times
        "soc_src",
        "soc_trk",
        "spm",
        "sref",  # Bloomberg
        "srsltid",
        "taid",
        "tblci",  # Taboola
        "tpcc",
        "trkcampaign",
        "ttclid",
        "twclid",
        "unlocked_article_code",  # New York Times: an article given away
        "usqp",  # AMP
        "vero_conv",
        "vero_id",
        "wbraid",
        "wickedid",
        "wtrid",  # Webtrekk
        "xing_share",
        "xtor",
        "yclid",
        "ysclid",
    }
)

#: Tracking at an address whose path names the page (`/articles/walks?mod=rss`, Dow Jones; `?sh=1f2e`, Forbes), and part
#: of the page's name where a script shows many (`/forum.php?mod=viewthread`).
WEAK = frozenset({"mod", "sh"})
