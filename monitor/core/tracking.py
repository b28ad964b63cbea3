"""Query parameters that tell who sent a reader and never which page it is. Pure data, held by tests.

A name belongs here if the page is the same without it on every site that uses it; a name that some site needs (`id`,
`p`, `ref` of a code host, `source` of a library) does not. Sources: the lists of Firefox (query stripping), Brave and
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
)

#: Exactly these.
NAMES = frozenset(
    {
        "__twitter_impression",
        "_ga",
        "_gl",
        "_openstat",
        "action_object_map",
        "action_ref_map",
        "action_type_map",
        "cmpid",
        "dclid",
        "dicbo",
        "ecid",
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
        "guce_referrer",
        "guce_referrer_sig",
        "guccounter",
        "icid",
        "igsh",
        "igshid",
        "intcid",
        "mbid",
        "mc_cid",
        "mc_eid",
        "mkt_tok",
        "msclkid",
        "ncid",
        "oc",  # news.google.com
        "ocid",
        "oly_anon_id",
        "oly_enc_id",
        "rb_clickid",
        "ref_src",
        "ref_url",
        "s_cid",
        "s_kwcid",
        "si",  # YouTube
        "smid",
        "soc_src",
        "soc_trk",
        "spm",
        "srsltid",
        "taid",
        "tpcc",
        "trkcampaign",
        "ttclid",
        "twclid",
        "vero_conv",
        "vero_id",
        "wbraid",
        "wickedid",
        "xtor",
        "yclid",
    }
)
