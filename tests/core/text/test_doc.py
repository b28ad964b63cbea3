"""Reading: words, sentences and clauses keep their places in the original."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitor.core.text.doc import fold, read


def words(text: str) -> list[str]:
    return [word.text for word in read(text).words]


def test_words_split_at_hyphens_scripts_and_hashtags():
    assert words("iPS-cell therapy: the man’s #MedicalMiracle") == [
        "ips", "cell", "therapy", "the", "man", "'s", "medical", "miracle",
    ]  # fmt: skip
    assert words("iPS細胞を2,000,000個") == ["ips", "細胞を", "2,000,000", "個"]
    assert words("He didn't. It's 1.3 billion.") == ["he", "didn't", "it", "'s", "1.3", "billion"]


def test_a_hashtag_is_its_words_and_itself():
    medical, miracle = read("#MedicalMiracle").words
    assert (medical.tag, medical.tag_words, miracle.tag) == ("medicalmiracle", 2, "")


def test_sentences_end_where_a_reader_ends_them():
    text = "Dr. Okano spoke. Was it safe? “Yes.” The U.S. team left.\nA headline\n次の文。終わり。"
    assert [text[s.start : s.end] for s in read(text).sentences] == [
        "Dr. Okano spoke.",
        "Was it safe?",
        "“Yes.”",
        "The U.S. team left.",
        "A headline",
        "次の文。",
        "終わり。",
    ]
    assert [s.question for s in read(text).sentences][:3] == [False, True, False]


def test_a_stop_behind_a_letter_or_a_number_sign_ends_a_sentence_where_it_does():
    text = (
        "One went from A to D. Two stayed at grade A. Is it proof? The answer is no. "
        "Sugai et al. 2021 is the protocol. J. Smith read No. 5 of it."
    )
    assert [text[s.start : s.end] for s in read(text).sentences] == [
        "One went from A to D.",
        "Two stayed at grade A.",
        "Is it proof?",
        "The answer is no.",
        "Sugai et al. 2021 is the protocol.",
        "J. Smith read No. 5 of it.",
    ]


def test_clauses_part_at_but_and_at_colons():
    doc = read("He stands, but he does not walk: not yet.")
    by_word = {word.text: (word.clause, word.part) for word in doc.words}
    assert by_word["stands"][0] != by_word["walk"][0]
    assert by_word["walk"][1] != by_word["yet"][1]


@given(st.text(max_size=300))
def test_every_offset_points_into_the_original(text: str):
    doc = read(text)
    assert len(fold(text)) == len(text)
    for word in doc.words:
        assert 0 <= word.start < word.end <= len(doc.text)
        start, end, written = doc.span(word.start, word.end)
        assert 0 <= start < end <= len(text)
        assert text[start:end] == written
    for start, end in doc.quotations:
        assert 0 <= start <= end <= len(doc.text)
    for sentence in doc.sentences:
        assert all(w.sentence == sentence.index for w in doc.words_of(sentence))


def test_quotations_are_found():
    text = "He said “yes. No,” and ‘maybe’; the patients’ own “open\nand 'not' this."
    assert [text[a:b] for a, b in read(text).quotations] == ["yes. No,", "maybe"]
