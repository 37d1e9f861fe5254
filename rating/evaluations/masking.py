"""Phone, identity and door numbers in free text are masked before anything is stored: residents name nobody.

Two readings of a text are searched: one with digits of every script as 0 to 9, one with Chinese numerals as digits too.
A reading is as long as the text, so that a place in one is the same place in the other.
"""

from __future__ import annotations

import re
import unicodedata

MASK = "〔…〕"
MOST_KEPT = 20_000  # characters; people write with fewer, and nobody should fill the memory with all of Unicode


class _Reading(dict[int, str]):
    """The table for str.translate, filled as characters are met: one plain character for each that was written."""

    def __missing__(self, code: int) -> str:
        plain = self.read(chr(code))
        if len(self) < MOST_KEPT:
            self[code] = plain
        return plain

    def read(self, sign: str) -> str:
        if (digit := unicodedata.decimal(sign, None)) is not None:
            return str(digit)
        if sign == "−" or unicodedata.category(sign) == "Pd":
            return "-"
        plain = unicodedata.normalize("NFKC", sign)
        return plain if len(plain) == 1 else sign


# 二〇一 is read as 201; 十 and 百 stay, they are places and not digits.
NUMERALS = dict(zip("〇零○一幺壹二两贰三叁四肆五伍六陆七柒八捌九玖", "00011122233445566778899", strict=True))


class _ReadingWithNumerals(_Reading):
    """Chinese numerals too."""

    def read(self, sign: str) -> str:
        return NUMERALS.get(sign) or super().read(sign)


READINGS = (_Reading(), _ReadingWithNumerals())

# What follows a number that only counts something, so that it is no door.
COUNTED = (
    r"(?:\s*(?:多|余|来|元|块|角|分|钱|万|千|百|年|月|日|天|号楼|次|户|人|个|名|家|位|台|部|辆|盏|张|份|只|条|棵|株|件|套|米|平|㎡"
    r"|公|里|层|楼|级|度|℃|%|倍|小|秒|点|岁|斤|吨|升|瓦|字|步|页|:|m\b|kg|yuan|times|people|households|years|days)"
    r"|\s*[-~/至到]\s*\d|\.\d)"
)
GAP = r"[\s\-._·•*|/()]{0,3}"
JOINT = r"[\s,、\-/.的]{0,2}"
NUMBER = r"[\d十]{1,4}"
LETTER = r"[A-Za-z甲乙丙丁]"
BUILDING = rf"(?:{NUMBER}|{LETTER})\s*(?:号楼|号院|#楼|栋|幢|座|楼|号|#)"
UNIT = rf"(?:{NUMBER}|{LETTER})\s*(?:单元|门|梯)"
PUBLIC = "大厅|门厅|电梯|走廊|架空|平台|楼道|过道|以"  # parts of a floor that are nobody's door
FLOOR = rf"(?:\d?十\d?|\d{{1,2}})\s*(?:楼|层|[Ff](?![A-Za-z]))(?!{PUBLIC})(?:[东西南北中]+户)?"
ROOM = rf"\d{{3,4}}[A-Za-z]?(?![\dA-Za-z]|{COUNTED})"
CALLED_ROOM = r"[\d百十]{1,5}\s*(?:室(?![内外温友])|号房|房间?号?(?![租屋子价款产东费])|号(?![楼院门线]))"
ROOM_ON_FLOOR = rf"(?:[1-9]|[1-4]\d)(?:0[1-9]|1\d)(?![\dA-Za-z\-]|{COUNTED})"
WHERE = rf"(?<![\d十A-Za-z])(?<!月)(?<!月\d)(?:{BUILDING}{JOINT}(?:{UNIT}{JOINT})?|{UNIT}{JOINT})"
AREA = r"0(?:10|2\d|[3-9]\d\d)"
DATE = r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)"

# A match is masked completely, or only its group `it` where it has one.
PEOPLE = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<!\d)(?:(?:\+|00)?86{GAP})?1{GAP}[3-9](?:{GAP}\d){{9}}(?!\d)",  # a mobile phone
        rf"(?<!\d)(?:\+?86{GAP})?{AREA}{GAP}[2-9]\d{{2,3}}{GAP}\d{{4}}(?:\s*(?:-|转|分机|ext\.?)\s*\d{{1,6}})?(?!\d)",
        r"(?:电话|座机|手机|致电|拨打|号码|tel|phone|call|mobile)[^\d\n]{0,6}(?P<it>\d{3,4}[\s\-]\d{4})(?!\d)",
        # An identity number with its birthday in the middle; the check digit isn't verified: people mistype.
        rf"(?<!\d)[1-9](?:{GAP}\d){{5}}{GAP}(?:19|20)(?:{GAP}\d){{2}}{GAP}[01]{GAP}\d{GAP}[0-3](?:{GAP}\d){{4}}{GAP}[\dX](?!\d)",
        r"(?<!\d)\d{4}(?:[\s\-]\d{4}){3}(?:[\s\-]\d{1,4})?(?!\d)",  # codes of letters, cards
        r"\d{11,}X?",  # nothing that is counted is this long
        rf"(?<![\d.])(?!{DATE})\d{{7,10}}(?!\d|{COUNTED})",
    )
)
DOORS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{WHERE}(?:{FLOOR}{JOINT})?(?:{CALLED_ROOM}|{ROOM})",  # 3号楼2单元501室, 12幢401, 2单元五楼3号
        rf"{WHERE}{FLOOR}",  # 3号楼2单元5楼: a few households
        rf"{WHERE}\d{{1,2}}\s?-\s?\d{{3,4}}(?!\d|{COUNTED})",  # 3栋2-501
        rf"{UNIT}{JOINT}\d{{3,4}}户",
        r"(?<![\d.])[A-Za-z]?\d{3,4}\s*(?:室(?![内外温友])|号房|房(?![租屋子价款产东费]))",
        # 3-2-501
        rf"(?<![\dA-Za-z.\-])[\dA-Za-z]{{1,3}}\s?[-/]\s?\d{{1,2}}\s?[-/]\s?(?!20[2-9]\d)\d{{3,4}}(?![\d\-]|{COUNTED})",
        rf"(?<![\d.\-])\d{{1,3}}\s?-\s?{ROOM_ON_FLOOR}",  # 5-401
        rf"(?<![A-Za-z\d])[A-H]-?{ROOM_ON_FLOOR}",  # A501
        r"#\s?\d{3,4}(?!\d)|(?<!\d)\d{3,4}\s?#(?!楼)",
        r"(?:门牌号?|房号|室号|户号|家住|住在?|我家在?|我们家|我是|本人|业主)[是为在:]?\s*"
        rf"(?P<it>(?!20[12]\d)[A-Za-z]?{ROOM})",
        r"\b(?:room|rm|flat|apt|apartment|suite)\b\.?\s*(?:no\b\.?|number)?\s*#?\s*[A-Z]?\d{1,4}[A-Z]?\b",
        rf"\b(?:door|unit)\s*(?:no\b\.?|number)?\s*#?\s*{ROOM}",
        rf"\b(?:building|block|bldg)\b\.?\s*\w{{1,3}},?\s*(?:unit\s*\w{{1,2}},?\s*)?(?:no\b\.?\s*)?{ROOM}",
    )
)
DIGIT = re.compile(r"\d")


def mask(text: str, *, doors: bool = True) -> str:
    """The text with phone, identity and (`doors`) door numbers as 〔…〕; never longer, and the same if masked again.

    Long numbers that look like a code, a card or an account are masked too. Sums, years, floors and buildings stay.
    """
    patterns = PEOPLE + DOORS if doors else PEOPLE
    while (masked := _mask_once(text, patterns)) != text:
        text = masked
    return masked


def _mask_once(text: str, patterns: tuple[re.Pattern[str], ...]) -> str:
    hidden = bytearray(len(text))
    for plain in {text.translate(reading) for reading in READINGS}:
        if DIGIT.search(plain) is None:
            continue
        for pattern in patterns:
            for match in pattern.finditer(plain):
                start, end = match.span("it" if "it" in pattern.groupindex else 0)
                hidden[start:end] = b"\1" * (end - start)
    return _without(text, hidden)


def _without(text: str, hidden: bytearray) -> str:
    """The text with each stretch of hidden characters as one mask."""
    parts, end = [], 0
    while (start := hidden.find(1, end)) >= 0:
        parts += [text[end:start], MASK]
        end = hidden.find(0, start)
        if end < 0:
            return "".join(parts)
    return "".join(parts) + text[end:]
