"""Texts made to cost: each repeats one thing that judging has to look at again and again. Written for the tests."""

from __future__ import annotations

HONEST = (
    "A paralysed man is walking again after Keio University put iPS cells into his injured spinal cord. "
    "Two of the four patients improved, the team said, and the results have not been reviewed yet. "
    "“I am glad to sit up by myself,” one of them told reporters; his family, who had waited for two years, agreed. "
    "The hospital stands by the river, and the newspaper asked the people who work there what they expect of it. "
    "In 2021 the first of them was treated, 14 to 28 days after the accident, and nobody was harmed within a year. "
)
#: What is repeated: name -> the words. Nearly all of them came out of asking: which list is looked through for each match?
REPEATED = {
    "a claim": "walking again ",
    "a claim in capitals": "WALKING AGAIN ",
    "a claim as a name": "Walking Again ",
    "a claim, a sentence each": "He is walking again. ",
    "claims of many kinds": "He was cured. A miracle. It is safe and approved in Japan. ",
    "claims in one sentence": "he was cured and walks again a miracle thanks to iPS cells ",
    "claims and clauses": "he was cured; but ",
    "a hashtag": "#MedicalMiracle ",
    "hash signs": "#",
    "an initial": "a. ",
    "an abbreviation": "U.S. ",
    "stops": ".",
    "stops before a letter": "......................................................................a",
    "a word on each line": "a\n",
    "empty lines": "\n",
    "wrapped lines": "the man who was treated in the hospital is now completely\ncured and ",
    "wrapped Japanese": "奇跡の治療を受けた患者は再び歩けるようになった\n",
    "lines of a long word": "a" * 109 + "\n",
    "quoted lines": "> > > > > > > > > > \n",
    "spaces": " ",
    "curly quotes": "“",
    "curly quotes in pairs": "“ ” ",
    "closing quotes": "”",
    "single curly quotes": "‘a ",
    "single curly quotes in pairs": "‘a’ ",
    "apostrophes": "d'",
    "possessives": "'s ",
    "quoted words": '"cured" ',
    "quotes that stay open": '"a\n',
    "quotations of two sentences": "“He was cured. He walks.” ",
    "quotations that stay open": "“He was cured. He walks again. ",
    "quotations in quotations": "“‘he was “cured” he’ said” ",
    "quotations and speakers": "“He walks,” Okano said. ",
    "brackets": "((( cured ))) ",
    "commas": "cured, ",
    "dashes": "cured - - ",
    "hyphens": "-",
    "digits": "1 2 3 ",
    "digits in one number": "1,2.",
    "a long number": "9",
    "numbers in words": "two million ",
    "scales": "two hundred million ",
    "scales without end": "hundred ",
    "ones": "one ",
    "couples": "couple of million ",
    "shares": "two of the the the ",
    "spans of time": "10 to ",
    "negations": "not ",
    "negations of claims": "he is not cured, ",
    "relative clauses": "who could not walk is now walking ",
    "doubts": "critics doubt he was cured ",
    "hopes": "they hope to walk again ",
    "questions": "cured? ",
    "exclamations": "Cured! ",
    "pronouns": "he ",
    "of of": "of ",
    "percent signs": "% ",
    "names": "Keio Okano ",
    "other studies": "XellSmart XellSmart said ",
    "mice": "in mice he was cured ",
    "emoji": "🎉",
    "Japanese": "奇跡の治療",
    "Japanese words": "治療 ",
    "accents put on": "e\u0301",
    "accents without end": "e" + "\u0301\u0323" * 40,
    "soft hyphens": "cu\u00adred ",
    "invisible letters": "\u200b",
    "full width": "ｃｕｒｅｄ ",
    "sharp s": "ß",
    "one long word": "walk",
}


def repeated(words: str, size: int) -> str:
    """`words` again and again, so many characters."""
    return (words * (size // len(words) + 1))[:size]


def honest(size: int) -> str:
    """What a newspaper might write, so many characters."""
    return repeated(HONEST, size)


#: Phrases of one rule -> a text on which trying them at each word costs most.
PHRASES = {
    "a ... a ... a ... b": "b " + "a " * 5000,
    " ... ".join("a" * 10) + " ... b": "b " + "a " * 5000,
    " ... ".join("a" * 11): "a " * 5000,
    "a " * 99 + "b": "b " + "a " * 5000,
    "(a|) " * 99 + "b": ("a " * 99 + "b ") * 50,
    "(a ...|) " * 10 + "b": ("a " * 99 + "b ") * 50,
    "(a a|a a a|a ... a) " * 10 + "b": "b " + "a " * 5000,
    "<n:number> ... <n:share> ... <n:days> ... b": "b " + "one " * 2500,
    "|".join(f"a{chr(97 + at % 26)}{chr(97 + at // 26)}*" for at in range(300)): "abc " * 2500,
    "#a ... #a ... b": "b " + "#a " * 3300,
    "奇" + "...奇" * 9 + "...跡": "跡" + "奇" * 3300,
}
