"""The words of the STIX pattern language as regular expressions that run in linear time.

STIX 2.1 section 9, with the lexical decisions of the grammar published by OASIS: comments, `==` and `<>`, the plus
sign, upper-case hexadecimal digits.
"""

from __future__ import annotations

import re

KEYWORDS = frozenset(
    (
        *("AND", "OR", "NOT", "FOLLOWEDBY", "EXISTS", "true", "false"),
        *("IN", "LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET"),
        *("START", "STOP", "WITHIN", "SECONDS", "REPEATS", "TIMES", "LAST"),
    )
)
"""Words that cannot be the name of a type or, without apostrophes, of a property."""

# Repetitions of one character are possessive. Those of groups cannot be: Python 3.11.2, that of Debian 12, loses its
# place in them. What they repeat reads in one way only and nothing that may follow can begin inside it, so that going
# back over them fails at each turn at once.

# Exactly the code points with the property WSpace (section 9.4); `\s` knows four more.
_BLANK = r" \t\r\n\v\f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_BLANKS = rf"[{_BLANK}]*+"
_COMMENT = r"/(?:\*[^*]*+\*++(?:[^*/][^*]*+\*++)*/|/[^\r\n]*+)"
W = rf"{_BLANKS}(?:{_COMMENT}{_BLANKS})*"
"""White space and comments, or nothing."""
_END = r"(?![A-Za-z0-9_-])"
_RESERVED = rf"(?!(?:{'|'.join(sorted(KEYWORDS))}){_END})"

STRING = r"'(?:[^'\\]++|\\['\\])*'"
INTEGER = r"(?:0|[1-9][0-9]*+)"
_HEX = r"h'(?:[A-Fa-f0-9]{2})*'"
# Line feeds in base64 are ignored (section 9.2).
_FEED = r"[\r\n]*+"
_SIX_BITS = rf"[A-Za-z0-9+/]{_FEED}"
_BINARY = rf"b'{_FEED}(?!')(?:(?:{_SIX_BITS}){{4}})*(?:(?:{_SIX_BITS}){{3}}=|(?:{_SIX_BITS}){{2}}={_FEED}=)?{_FEED}'"
TIMESTAMP = (
    r"t'[0-9]{4}-(?:0[1-9]|1[012])-(?:0[1-9]|[12][0-9]|3[01])"
    r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]++)?Z'"
)
CONSTANT = rf"(?:{STRING}|[+-]?+(?:[0-9]*+\.[0-9]++|{INTEGER})|(?:true|false){_END}|{_HEX}|{_BINARY}|{TIMESTAMP})"
_SET = rf"\({W}(?:{CONSTANT}(?:{W},{W}{CONSTANT})*{W})?\)"

_TYPE = rf"{_RESERVED}[A-Za-z_][A-Za-z0-9_-]*+"
# A hyphen would make it the longer word that only types may be.
_KEY = rf"(?:{_RESERVED}[A-Za-z_][A-Za-z0-9_]*+(?!-)|{STRING})"
_PLACE = rf"\[{W}(?:\+?+{INTEGER}|\*){W}\]"
PATH = rf"{_TYPE}{W}:{W}{_KEY}(?:{W}(?:\.{W}{_KEY}|{_PLACE}))*"
OPERATOR = rf"(?:==?+|!=|<>|<=|>=|<|>|(?:IN|LIKE|MATCHES|ISSUBSET|ISSUPERSET){_END})"

BEFORE_OPENING = re.compile(rf"[({_BLANK}]*+")
OPENING = re.compile(rf"{BEFORE_OPENING.pattern}\[")
"""What a pattern begins with; no comment may come before the first square bracket."""
WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*+|'(?:[^'\\]++|\\.)*'?+|[+-]?+[0-9.]++|.", re.DOTALL)
"""Whatever stands at a place, for telling about it."""

CONDITION = re.compile(
    rf"{W}(?:(?P<path>{PATH}){W}(?P<negated>NOT{_END}{W})?(?P<operator>{OPERATOR}){W}(?P<value>{CONSTANT}|{_SET})"
    rf"|(?P<open>\()"
    rf"|(?P<absent>NOT{_END}{W})?EXISTS{_END}{W}(?P<existing>{PATH}))"
)
SINGLE = re.compile(rf"\[({PATH}) = '([^'\\]*+)'\]")
"""As nearly all published patterns are written: one comparison with a plain text."""
AFTER_CONDITION = re.compile(rf"{W}(AND{_END}|OR{_END}|\]|\))")
EXPRESSION = re.compile(rf"{W}([\[(])")
AFTER_EXPRESSION = re.compile(
    rf"{W}(?:(?P<end>\Z)|(?P<join>(?:AND|OR|FOLLOWEDBY){_END})|(?P<close>\))"
    rf"|(?P<within>WITHIN{_END}{W}(?P<seconds>\+?+(?:[0-9]*+\.[0-9]++|{INTEGER})){W}SECONDS{_END})"
    rf"|(?P<repeats>REPEATS{_END}{W}(?P<times>\+?+{INTEGER}){W}TIMES{_END})"
    rf"|(?P<between>START{_END}{W}(?P<start>{TIMESTAMP}){W}STOP{_END}{W}(?P<stop>{TIMESTAMP})))"
)
STEP = re.compile(rf"{W}(?:[.:]?+{W}(?P<key>{_KEY})|\[{W}(?:\+?+(?P<place>{INTEGER})|\*){W}\])")
TYPE = re.compile(_TYPE)
MEMBER = re.compile(rf"[(,]{W}({CONSTANT})")

BLANK = re.compile(W)
PATH_BEFORE = re.compile(rf"{W}(?:(?:NOT{_END}{W})?EXISTS{_END}{W})?({PATH})?")
OPERATOR_BEFORE = re.compile(rf"{W}(?:NOT{_END}{W})?({OPERATOR})?")
