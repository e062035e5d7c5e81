"""What written words are by a destination's rules: a date, a rating, a call to action, an address."""

import re
from collections.abc import Mapping

# Calls, dates and ratings in English, German, French, Spanish, Italian, Portuguese, Dutch, Swedish and Russian; figures in any.
_CALLS = (
    "watch (now|it|the|every|all)", "stream now", "now streaming", "streaming (now|only)", "subscribe", "sign up", "order now",
    "buy now", "get tickets", "only on", "tune in", "don'?t miss", "link in bio", "tap to", "click (here|to)", "download",
    r"jetzt\b.*\b(ansehen|streamen|anschauen|kaufen)", "nur (auf|bei)", r"abonnier\w*", "nicht verpassen",
    "regardez", "abonnez-vous", "seulement sur", "uniquement sur", "à ne pas manquer",
    "míral[oa]", "mira (ya|la|el)", "suscríbete", "solo en", "no te (lo|la) pierdas",
    "guardal[oa]", "guarda (ora|la|il)", "abbonati", "solo su", "non perdere",
    "assista", "assine", "só (no|na|em)", "kijk nu", "bekijk", "alleen op", "mis het niet",
    "se (nu|serien|den)", "prenumerera", "endast på", r"смотри(те)?", r"подпи(сывай|ши)\w*", "только на",
)  # fmt: skip
_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|apr|jun|jul|aug|sept?|oct|nov|dec|"
    "januar|februar|märz|mai|juni|juli|oktober|dezember|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|"
    "décembre|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|gennaio|febbraio|aprile|"
    "maggio|giugno|luglio|settembre|ottobre|dicembre|janeiro|fevereiro|março|maio|junho|julho|setembro|outubro|novembro|dezembro|"
    "januari|februari|maart|mei|augustus"
)
_DATES = (
    rf"\d{{1,2}}(st|nd|rd|th|er|º|\.)?\s*(de\s+)?({_MONTHS})\.?", rf"({_MONTHS})\.?\s+\d{{1,4}}(st|nd|rd|th)?",
    r"\d{1,2}[./]\d{1,2}([./]\d{2,4})?", r"\d{4}-\d{2}-\d{2}", "coming (soon|this|in|to|next)",
    r"(this|next) (week|month|summer|spring|autumn|fall|winter|christmas|\w+day)", "in (cinemas|theaters|theatres)",
    "premieres?", "tonight", "tomorrow", "heute abend", "demnächst", "ab (heute|sofort)", "ce soir", "bientôt", "próximamente",
    "esta noche", "prossimamente", "stasera", "em breve", "binnenkort", "vanavond",
    "ikväll", "snart", "скоро", "сегодня вечером",
)  # fmt: skip
_RATINGS = (
    r"rated\s+\S+", r"(tv|us)-?(y7|y|g|pg|14|ma)", "pg-?13", "nc-?17", r"fsk\s*\d+", r"pegi\s*\d+", "bbfc", r"ages?\s+\d+\s*\+?",
    r"\d{1,2}\+", "approved for", "parental guidance", "viewer discretion", "restricted audiences", r"ab \d+ jahren",
    "interdit aux moins de", "no recomendad[oa]", "vietato ai minori", "não recomendado",
)  # fmt: skip
_ADDRESSES = (
    r"https?:/\S+", r"www\.\S+", r"[\w-]+(\.[\w-]+)*\.(com|org|net|tv|io|co|de|fr|es|it|uk|eu|info|app|me|nl|pt|br)(/\S*)?",
    r"[@#]\w+", r"\S+@\S+\.\w+", r"\+?\d[\d\s().-]{7,}\d",
)  # fmt: skip


def _any(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(r"(?<![\w@#])(?:" + "|".join(phrases) + r")(?!\w)", re.IGNORECASE)


_PATTERNS: Mapping[str, re.Pattern[str]] = {
    "address": _any(_ADDRESSES), "call": _any(_CALLS), "date": _any(_DATES), "rating": _any(_RATINGS)
}  # fmt: skip


def kinds(text: str) -> dict[str, str]:
    """Which of "address", "call", "date" and "rating" (see profile.KINDS) a text is, each with the words that make it so.

    It knows phrases of nine languages and whatever is written in figures; what is said otherwise only a person sees.
    """
    plain = " ".join(text.replace("’", "'").split())
    return {kind: match[0] for kind, pattern in _PATTERNS.items() if (match := pattern.search(plain))}
