"""Galaxy clusters become the actors, malware, tools and techniques that STIX knows; others stay a label."""

from __future__ import annotations

from collections.abc import Iterator

from kouprey.kernel.words.time import SECOND
from kouprey.misp.model import Standing
from kouprey.misp.rules.book import UNDATED, Book
from kouprey.misp.rules.levels import read_tags, standing_of
from kouprey.misp.rules.reading import Json, instant_of, is_uuid, keys, list_of, stamp, text_of, truth_of

_GALAXIES = {
    "intrusion-set": "intrusion-set",
    "attack-pattern": "attack-pattern",
    "course-of-action": "course-of-action",
    "malware": "malware",
    "tool": "tool",
    "android": "malware",
    "backdoor": "malware",
    "banker": "malware",
    "botnet": "malware",
    "cryptominers": "malware",
    "malpedia": "malware",
    "ransomware": "malware",
    "rat": "malware",
    "stealer": "malware",
    "stalkerware": "malware",
    "wiper": "malware",
    "exploit-kit": "tool",
    "rmm-tool": "tool",
    "threat-actor": "threat-actor",
    "microsoft-activity-group": "intrusion-set",
    "360net-threat-actor": "intrusion-set",
    "branded-vulnerability": "vulnerability",
    "campaigns": "campaign",
    "preventive-measure": "course-of-action",
    "sector": "identity",
    "target-information": "location",
    "country": "location",
    "region": "location",
}
"""The end of a galaxy's type -> what its clusters are."""

_INDICATED = frozenset({"attack-pattern", "campaign", "intrusion-set", "malware", "threat-actor", "tool"})
_ALIASED = {"attack-pattern", "campaign", "intrusion-set", "malware", "threat-actor", "tool"}
_KNOWN = keys(
    "uuid collection_uuid type value tag_name description source authors version distribution default meta locked"
    " extends_version published deleted Orgc local relationship_type elements GalaxyElement Tag"
)
_META = frozenset({"synonyms", "refs", "external_id", "ISO", "iso-code"})
_SOME_URL = "url--00000000-0000-5000-8000-000000000000"


def type_of(galaxy: str) -> str:
    """What the clusters of a galaxy are in STIX; "" when nothing there is like them."""
    for end, type_ in _GALAXIES.items():
        if galaxy == end or galaxy.endswith(f"-{end}"):
            return type_
    return ""


def tell_clusters(
    book: Book, holder: Json, about: str, standing: Standing, path: str, attribute: str = ""
) -> list[str]:
    """The clusters of an event, or of an attribute that `about` stands for; their ids."""
    found = []
    for cluster, where in _clusters(holder, path):
        if not (stix_id := _tell(book, cluster, standing, where, attribute)):
            continue
        found.append(stix_id)
        if about:
            kind = stix_id.partition("--")[0]
            word = "indicates" if about.startswith("indicator") and kind in _INDICATED else "related-to"
            said = text_of(cluster, "relationship_type")
            book.relate(about, word, stix_id, book.changed, **({"description": said} if said else {}))
        elif attribute:
            book.lose(f"cluster {text_of(cluster, 'value')}", "Nothing was made of its attribute.", where, attribute)
    return found


def _clusters(holder: Json, path: str) -> Iterator[tuple[Json, str]]:
    for number, galaxy in enumerate(list_of(holder, "Galaxy")):
        for index, cluster in enumerate(list_of(galaxy, "GalaxyCluster")):
            yield cluster, f"{path}.Galaxy[{number}].GalaxyCluster[{index}]".lstrip(".")


def _tell(book: Book, cluster: Json, standing: Standing, path: str, attribute: str) -> str:
    galaxy, name = text_of(cluster, "type"), text_of(cluster, "value")
    if truth_of(cluster, "local"):
        book.lose(f"cluster {name}", "It is local to the instance it comes from.", path, attribute)
        return ""
    type_ = type_of(galaxy)
    if not type_ or not name:
        book.lose(
            f"cluster {name}", f"STIX has nothing like the galaxy {galaxy!r}; its tag is a label.", path, attribute
        )
        return ""
    book.lose_rest(cluster, _KNOWN, path, attribute)
    uuid = text_of(cluster, "uuid").lower()
    if text_of(cluster, "collection_uuid").lower() in ("", uuid):
        # Earlier versions of MISP gave all clusters of a collection the UUID of that collection.
        uuid = ""
    version = instant_of(cluster, "version")
    # A version is a small number or an instant; either way a later one is later.
    changed = UNDATED + version if version < UNDATED else version
    value: Json = {
        "type": type_,
        "spec_version": "2.1",
        "id": f"{type_}--{uuid if is_uuid(uuid) else book.derived(galaxy, name)}",
        "created": stamp(UNDATED),
        "modified": stamp(changed // SECOND * SECOND),
        "name": name,
        **_fields(cluster, type_, galaxy, name),
    }
    references = [each for each in value.pop("external_references", []) if _usable(book, each, path, attribute)]
    if references:
        value["external_references"] = references
    for key in sorted(_meta(cluster).keys() - _META):
        book.lose(f"cluster meta {key}", "STIX has no place for it, or not the same one.", path, attribute)
    tags = read_tags(cluster, lambda what, why: book.lose(what, why, path, attribute))
    open_to_all = truth_of(cluster, "default") or "distribution" not in cluster
    held = standing if open_to_all else standing_of(cluster, tags, standing)
    # Many events tell of one cluster: its body says the same in all of them, so it bears no level of this event.
    return book.keep(value, held, own=False, marked=False)


def _fields(cluster: Json, type_: str, galaxy: str, name: str) -> Json:
    fields: Json = {}
    if description := text_of(cluster, "description"):
        fields["description"] = description
    meta = _meta(cluster)
    aliases = [alias for alias in _texts(meta, "synonyms") if alias != name]
    if aliases and type_ in _ALIASED:
        fields["aliases"] = list(dict.fromkeys(aliases))
    if type_ == "malware":
        fields["is_family"] = True
    if type_ == "identity":
        fields["identity_class"] = "class"
    if type_ == "location":
        # A location has to say where it is (4.10): a country by its code, a region by its name.
        codes = _texts(meta, "ISO") + _texts(meta, "iso-code")
        fields |= {"country": codes[0]} if codes else {"region": name}
    source = "mitre-attack" if "mitre" in galaxy else f"misp-galaxy:{galaxy}"
    references = [{"source_name": source, "external_id": each} for each in _texts(meta, "external_id")]
    references += [{"source_name": f"misp-galaxy:{galaxy}", "url": each} for each in _texts(meta, "refs")]
    if references:
        fields["external_references"] = references
    fields["labels"] = [text_of(cluster, "tag_name") or f'misp-galaxy:{galaxy}="{name}"']
    return fields


def _usable(book: Book, reference: Json, path: str, attribute: str) -> bool:
    url = reference.get("url")
    if url is None or not book.judge({"type": "url", "spec_version": "2.1", "id": _SOME_URL, "value": url}):
        return True
    book.lose(f"cluster reference {url}", "It is no URL.", path, attribute)
    return False


def _meta(cluster: Json) -> Json:
    meta = cluster.get("meta")
    return meta if isinstance(meta, dict) else {}


def _texts(meta: Json, key: str) -> list[str]:
    value = meta.get(key)
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str) and each]
