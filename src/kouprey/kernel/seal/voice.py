"""Fingerprints as words that two people compare over a telephone."""

from __future__ import annotations

from hashlib import sha256

_LIST = """
    acid acorn actor airport album alley amber anchor angel ankle apple apron arrow artist autumn avocado
    badge bagel balloon bamboo banana barrel basket battery beaver bishop blanket blossom border bottle branch bridge
    bucket bulb butter cabin cactus camel candle canyon carpet castle cedar cement chain cherry chimney cinema
    circle clock cloud clover coconut coffee copper coral cotton cousin cowboy crayon cricket crystal curtain cushion
    daisy dancer desert diamond dinner doctor dolphin donkey dragon drum eagle earth echo elbow elephant engine
    envelope evening fabric falcon farmer feather fence ferry fiddle finger flag flower flute forest fossil frost
    furnace garden garlic giant ginger glass glove goat goose gorilla grape gravel guitar hammer harbor harvest
    hazel helmet honey horse hotel hunter iceberg igloo index insect island ivory jacket jaguar jasmine jelly
    jewel jigsaw jockey jungle kangaroo kettle king kitchen kiwi ladder lagoon lantern laptop lemon leopard lettuce
    library lizard lobster lotus lumber magnet mango maple marble meadow melon mirror monkey motor mountain museum
    mustard napkin needle nephew nickel north notebook nurse oasis ocean olive onion opera orange orchid otter
    oxygen oyster paddle palace panda paper parrot peach pencil pepper piano pigeon pillow pirate planet plastic
    pocket poem potato prince pumpkin puzzle pyramid quarter queen quilt rabbit radio rainbow raven ribbon river
    robot rocket rose rubber saddle sailor salad satin scarf school scissors season shadow sheep silver singer
    skirt soldier spider spoon squirrel stadium sugar summer sunset table teacher temple thunder ticket tiger tomato
    tower tractor trumpet tulip tunnel turtle uncle valley velvet village violin volcano wagon walnut winter zebra
"""

WORDS = tuple(_LIST.split())
"""256 easy English words, no two alike in their first four letters; the list is part of the fingerprint's meaning."""


def words_of(data: bytes, count: int = 8) -> tuple[str, ...]:
    """`count` words (1 to 32, eight bits each) that stand for `data`, such as a public key.

    They are the first bytes of SHA-256("kouprey-words-v1\\n" || data), one word from `WORDS` for each.
    """
    if not 1 <= count <= 32:
        raise ValueError("between 1 and 32 words")
    return tuple(WORDS[byte] for byte in sha256(b"kouprey-words-v1\n" + data).digest()[:count])
