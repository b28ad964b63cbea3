"""Function words by language: what a text is written in, and what says nothing about its news. Pure data.

For telling languages apart a word should be frequent in one and rare in the others; words shared by several (`de`,
`a`, `in`) are in each list that has them and so decide nothing by themselves.
"""

from __future__ import annotations

FUNCTION_WORDS = {
    "en": ["the", "of", "and", "to", "in", "is", "that", "for", "it", "was", "on", "are", "with", "as", "by", "his", "her", "he", "she", "at", "from", "this", "have", "has", "had", "be", "been", "not", "but", "or", "an", "they", "their", "which", "who", "will", "would", "could", "can", "after", "into", "its", "were", "more", "about", "than", "when", "what", "you", "your", "we", "our", "said", "says", "how", "all", "new", "first", "out", "up", "also", "over", "again", "a", "i", "me", "no", "do", "so", "am"],
    "es": ["el", "la", "los", "las", "de", "del", "que", "y", "en", "un", "una", "por", "con", "para", "se", "su", "no", "al", "lo", "como", "más", "pero", "sus", "le", "ya", "o", "este", "sí", "porque", "esta", "entre", "cuando", "muy", "sin", "sobre", "también", "me", "hasta", "hay", "donde", "quien", "desde", "todo", "nos", "durante", "tras", "ha", "son", "fue", "es", "a"],
    "fr": ["le", "la", "les", "de", "des", "du", "et", "en", "un", "une", "est", "que", "qui", "dans", "pour", "pas", "sur", "ne", "se", "ce", "il", "elle", "au", "aux", "avec", "par", "son", "sa", "ses", "plus", "ont", "ont", "été", "cette", "mais", "ou", "leur", "leurs", "nous", "vous", "après", "être", "à", "d", "l", "qu", "n", "s", "c", "a"],
    "de": ["der", "die", "das", "und", "in", "den", "von", "zu", "mit", "sich", "des", "auf", "für", "ist", "im", "dem", "nicht", "ein", "eine", "als", "auch", "es", "an", "werden", "aus", "er", "hat", "dass", "sie", "nach", "wird", "bei", "einer", "um", "am", "sind", "noch", "wie", "einem", "über", "einen", "so", "zum", "war", "haben", "nur", "oder", "aber", "vor", "zur", "bis", "mehr", "durch"],
    "pt": ["o", "a", "os", "as", "de", "do", "da", "dos", "das", "que", "e", "em", "um", "uma", "para", "com", "não", "por", "mais", "se", "no", "na", "nos", "nas", "ao", "como", "mas", "foi", "ele", "ela", "são", "seu", "sua", "ou", "quando", "muito", "já", "também", "só", "pelo", "pela", "até", "isso", "entre", "depois", "sem", "mesmo", "após", "é"],
    "it": ["il", "lo", "la", "i", "gli", "le", "di", "del", "della", "dei", "delle", "che", "e", "è", "in", "un", "una", "per", "con", "non", "si", "da", "al", "alla", "sono", "come", "più", "ma", "anche", "ha", "a", "nel", "nella", "sul", "sulla", "dopo", "questo", "questa", "loro", "suo", "sua", "o", "se", "dal", "dalla"],
    "nl": ["de", "het", "een", "van", "en", "in", "is", "dat", "op", "te", "zijn", "met", "voor", "niet", "aan", "er", "die", "ook", "om", "door", "bij", "uit", "naar", "over", "maar", "als", "dan", "nog", "wel", "geen", "worden", "werd", "heeft", "hebben", "hij", "zij", "ze", "kan"],
}  # fmt: skip

STOPWORDS = frozenset(word for words in FUNCTION_WORDS.values() for word in words)
