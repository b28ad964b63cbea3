"""What a page says of itself: whole, behind a wall, a question about cookies, gone."""

from __future__ import annotations

import pytest

from monitor.core.items.walls import NOTICE, SHORT, availability, unavailable
from monitor.core.model import Availability

HERE = "https://gazette.example/art/9"
ARTICLE = "The team treated four people in Tokyo; one of them stands, and two did not improve at all. " * 20


def of(text, title="", **more):
    return availability(title, text, **({"asked": HERE, "answered": HERE} | more))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A man is ... This article is for subscribers. Subscribe now to read on.", Availability.PAYWALL),
        ("Log in to continue reading. Already have an account?", Availability.PAYWALL),
        ("You’ve reached your limit of free articles this month.", Availability.PAYWALL),
        ("Exklusiv nur für Abonnenten. Jetzt abonnieren und weiterlesen.", Availability.PAYWALL),
        ("Cet article est réservé aux abonnés. Il vous reste 80 % à découvrir.", Availability.PAYWALL),
        ("Contenido exclusivo para suscriptores. Suscríbete para leer.", Availability.PAYWALL),
        ("この記事は有料会員限定です。残り1,200文字", Availability.PAYWALL),
        ("이 기사는 유료 회원 전용입니다.", Availability.PAYWALL),
        ("Только для подписчиков", Availability.PAYWALL),
        ("We and our partners use cookies to store your data. You can accept or reject them.", Availability.CONSENT),
        ("Before you continue to Gazette", Availability.CONSENT),
        ("Mit Werbung weiterlesen oder alle akzeptieren", Availability.CONSENT),
        ("Sorry, the page you are looking for could not be found.", Availability.MISSING),
        ("This article is no longer available.", Availability.MISSING),
        ("お探しのページは見つかりませんでした", Availability.MISSING),
        ("Four people were treated in Tokyo. One of them stands.", Availability.WHOLE),
        ("The team published its results. Subscribe to our newsletter.", Availability.WHOLE),
    ],
)
def test_short_pages_are_told_by_their_words(text, found):
    assert of(text) is found


def test_words_do_not_count_in_a_whole_article():
    for words in ("Subscribe now to read on.", "We use cookies, accept all cookies.", "The page was not found."):
        assert of(ARTICLE + words) is Availability.WHOLE
    assert len(ARTICLE) > SHORT > NOTICE


def test_what_the_page_tells_machines():
    assert of("Four people were treated.", free=False) is Availability.PAYWALL
    assert of("Four people were treated.", free=True) is Availability.WHOLE
    assert of(ARTICLE, free=False) is Availability.WHOLE  # readers of search engines see all of it, and so do we
    assert of("Name Password", wants_login=True) is Availability.PAYWALL
    assert of("Four people were treated in Tokyo. " * 4, wants_login=True) is Availability.WHOLE


def test_being_sent_to_the_front_page():
    assert of(ARTICLE, answered="https://gazette.example/") is Availability.MISSING
    assert of(ARTICLE, answered="https://gazette.example/art/9-new-title") is Availability.WHOLE
    assert of(ARTICLE, asked="https://gazette.example/", answered="https://gazette.example/") is Availability.WHOLE
    assert of(ARTICLE, asked="https://gazette.example", answered="https://www.gazette.example/") is Availability.WHOLE
    assert of(ARTICLE, asked="http://[broken", answered=HERE) is Availability.WHOLE


def test_a_title_alone_can_say_it():
    assert of("Go to our front page.", title="404 Not Found") is Availability.MISSING


def test_answers_without_a_page():
    assert [unavailable(status) for status in (401, 402, 404, 410, 403, 500, None)] == [
        Availability.PAYWALL,
        Availability.PAYWALL,
        Availability.MISSING,
        Availability.MISSING,
        None,
        None,
        None,
    ]
