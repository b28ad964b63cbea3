"""What does a page show of its article: all of it, or a wall, a question about cookies, a notice that nothing is there?

Judged by what the page says of itself: data for search engines (`isAccessibleForFree`), a form for a password, the
address that it was sent on to, and what such pages say, in a dozen languages. Words alone do not decide: whole articles
end with "Subscribe to our newsletter". So they count only where there is not more text than such pages have. Pure.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from monitor.core.model import Availability

if TYPE_CHECKING:
    from collections.abc import Mapping

#: A page that says of itself that it is no article has at most so many letters of text; letters of Chinese, Japanese and
#: Korean say more and count twice.
SHORT = 1200
#: A notice that a page is not there is shorter still.
NOTICE = 600
#: Words of a form for a name and a password: an article may have one at its head.
FORM = 100

_SAYS: Mapping[Availability, tuple[str, ...]] = {
    Availability.PAYWALL: (
        # English
        r"(?:for|only to|to|available to|exclusive to) (?:our )?(?:paying |registered )?(?:subscribers|members)(?: only)?\b",
        r"(?:subscribe|log in|login|sign in|sign up|register|subscription)\b.{0,60}\b(?:to (?:continue|read|keep|unlock|access|view)|(?:read|reading) (?:on|more|the (?:full|rest|whole)))",
        r"already (?:a|have a|an?) (?:subscriber|subscription|member|account)",
        r"(?:continue|keep) reading (?:with|for|by)\b",
        r"you(?:'|’)?(?:ve| have) (?:read|reached|used|hit|exceeded)\b.{0,60}\b(?:free|limit|last|quota)",
        r"(?:start|begin|try|get|claim|activate)\b.{0,30}\b(?:free|trial|day|days|week|weeks|month|months)\b.{0,60}\b(?:unlock|read|access|cancel|subscri\w+|trial)",
        r"\bfree trial\b.{0,120}\b(?:subscri\w+|unlock|cancel|read|access|story|article)",
        r"\bunlock (?:this|the|all|every|full|unlimited|our)\b|\bcancel (?:at )?any ?time\b|\bunlimited (?:digital )?access\b",
        r"(?:free|remaining|complimentary) (?:articles?|stories|story)\b.{0,30}\b(?:left|remaining|this (?:month|week)|used)|\barticle limit\b",
        # German, French, Spanish, Portuguese, Italian, Dutch
        r"nur für abonnent|weiterlesen mit|jetzt (?:abonnieren|anmelden)|bereits (?:abonnent|registriert)|mit einem abo\b|als abonnent",
        r"réservé (?:à nos|aux) abonné|pour lire la suite|déjà abonné|abonnez-vous pour",
        r"solo para suscriptores|exclusivo para suscriptores|suscríbete para|ya (?:eres|soy) suscriptor|para seguir leyendo",
        r"exclusivo para assinantes|já é assinante|assine para|continue lendo",
        r"riservato agli abbonati|sei già abbonato|abbonati per|per continuare a leggere",
        r"alleen voor abonnees|al abonnee|neem een abonnement|lees verder met",
        # Japanese, Korean, Chinese, Russian
        r"有料会員|会員限定|この記事は.{0,12}会員|続きを読むには|残り\s*[\d０-９,]+\s*文字|ログインして(?:続き|全文)",
        r"유료\s*(?:회원|기사|구독)|구독자\s*전용|로그인\s*후\s*(?:이용|계속)",
        r"订阅后|会员专享|訂閱後|付费阅读|登录后(?:查看|阅读)",
        r"только для подписчиков|оформите подписку|чтобы (?:читать|прочитать) дальше",
    ),
    Availability.CONSENT: (
        r"(?:we|we and our \w+) (?:use|value).{0,80}\b(?:cookies|privacy)\b.{0,400}\b(?:accept|agree|consent|reject)",
        r"(?:accept|agree to|consent to) (?:all |the use of )?cookies",
        r"before you continue to\b",
        r"alle(?:n)? (?:cookies )?(?:akzeptieren|zustimmen)|mit werbung (?:und tracking )?(?:weiter)?lesen|cookies.{0,80}zustimm",
        r"(?:accepter|refuser) (?:et fermer|les cookies|tous les cookies)|continuer sans accepter",
        r"aceptar (?:todas )?(?:las )?cookies|aceitar (?:todos )?(?:os )?cookies|accett(?:a|o) (?:tutti )?i cookie|cookies (?:accepteren|toestaan)",
        r"クッキー.{0,40}(?:同意|許可)|쿠키.{0,40}동의|接受.{0,10}cookie",
    ),
    Availability.MISSING: (
        r"(?:page|article|story|content|post|video)\b.{0,40}\b(?:not found|could ?n.?t be found|cannot be found|does ?n.?t exist|does not exist|no longer (?:exists|available)|is not available|been (?:removed|deleted|moved))",
        r"\b(?:error )?404\b|\bnothing (?:was )?found\b",
        r"seite (?:wurde |konnte )?nicht gefunden|existiert nicht mehr|nicht mehr verfügbar",
        r"page (?:introuvable|non trouvée)|n.existe (?:pas|plus)",
        r"página no (?:encontrada|existe)|página não (?:encontrada|existe)|pagina non (?:trovata|esiste)|pagina (?:is )?niet gevonden",
        r"\b(?:under|undergoing|down for|scheduled|planned) (?:\w+ )?maintenance\b|\b(?:site|service|page|server) is (?:temporarily |currently )?(?:unavailable|down|offline|overloaded)|\bbe (?:right )?back (?:soon|shortly)\b|\btry again (?:later|in a few|shortly|soon)\b",
        r"\b(?:not|isn.?t|un)\s?(?:currently |yet )?(?:available|accessible)\b.{0,30}\b(?:in|from|to) (?:your|this) (?:country|region|location|area|territory)|\bunavailable (?:for|due to) legal reasons\b|\b(?:european economic area|gdpr)\b.{0,200}\b(?:not available|unavailable|cannot|unable|block)",
        r"\b(?:verify|confirm|prove|checking)\b.{0,30}\b(?:you are|you're|that you are|if you are|your browser)\b.{0,40}\b(?:human|robot|bot|secure|browser|site)|\baccess (?:to this page )?(?:has been |is |was )?(?:denied|blocked)\b|\benable (?:javascript|cookies)\b",
        r"wartungsarbeiten|in ihrem land nicht verfügbar|en maintenance|pas disponible dans votre (?:pays|région)|en mantenimiento|no (?:está )?disponible en (?:tu|su) (?:país|región)|em manutenção|in manutenzione",
        r"メンテナンス中|お住まいの(?:国|地域)では|アクセスできません|점검 중|维护中|技术性维护",
        r"(?:ページ|記事)(?:が|は).{0,12}(?:見つかりません|存在しません|終了|削除)|페이지를 찾을 수 없|页面不存在|找不到(?:该|您|页面)|страница не найдена",
    ),
}
_SAID = {kind: re.compile("|".join(said), re.IGNORECASE | re.DOTALL) for kind, said in _SAYS.items()}
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def availability(
    title: str, text: str, *, asked: str, answered: str, wants_login: bool = False, free: bool | None = None
) -> Availability:
    """What a page shows. `asked` and `answered` are addresses: what was asked for, and what answered in the end.

    `free` is what the page's data for search engines say of it, None if nothing; `wants_login`: it has a form for a
    password.
    """
    length = len(text) + len(_WIDE.findall(text))
    if _sent_home(asked, answered):
        return Availability.MISSING
    words = f"{title}\n{text}" if length <= NOTICE else ""
    if words and _SAID[Availability.MISSING].search(words):
        return Availability.MISSING
    if length > SHORT:
        return Availability.WHOLE
    if free is False or (wants_login and length <= FORM) or _SAID[Availability.PAYWALL].search(text):
        return Availability.PAYWALL
    if _SAID[Availability.CONSENT].search(f"{title}\n{text}"):
        return Availability.CONSENT
    return Availability.WHOLE


def says_wall(text: str) -> Availability:
    """What words that are new on a page say of it: a wall, a question about cookies, a notice; WHOLE if none of these."""
    said = next((kind for kind, pattern in _SAID.items() if pattern.search(text)), None)
    return said or Availability.WHOLE


def unavailable(status: int | None) -> Availability | None:
    """What an answer without a page says of the article, by its HTTP status; None if nothing: we may just not be let in."""
    return {
        401: Availability.PAYWALL,
        402: Availability.PAYWALL,
        404: Availability.MISSING,
        410: Availability.MISSING,
        451: Availability.MISSING,
    }.get(status or 0)


def _sent_home(asked: str, answered: str) -> bool:
    """Sent on from an article to the front page: what many sites do in place of saying that it is gone."""
    try:
        one, other = urlsplit(asked), urlsplit(answered)
    except ValueError:
        return False
    return bool(one.path.strip("/")) and not other.path.strip("/") and not other.query and asked != answered
