"""Every attribute type of MISP and what it becomes in STIX, as one table."""

from __future__ import annotations

from typing import Literal, NamedTuple

from kouprey.misp.rules.paths import Path, path_of

Kind = Literal["value", "trait", "rule", "object", "link", "content", "text"]


class Form(NamedTuple):
    """What attributes of a type become.

    - value: an indicator with the pattern of `paths` when it is to be detected, else observed data with observables.
    - trait: an indicator too, but nothing STIX could observe by itself: else a note.
    - rule: an indicator in another language (`name`), when it is to be detected; else a note.
    - object: a domain object of the type `name`.
    - link: an external reference of the report.
    - content: a file, with what is in it.
    - text: a note.
    """

    kind: Kind
    paths: tuple[Path, ...] = ()
    name: str = ""


_HASHES = {
    "md5": "MD5",
    "sha1": "'SHA-1'",
    "sha224": "'SHA-224'",
    "sha256": "'SHA-256'",
    "sha384": "'SHA-384'",
    "sha512": "'SHA-512'",
    "sha512/224": "'SHA-512-224'",
    "sha512/256": "'SHA-512-256'",
    "sha3-224": "'SHA3-224'",
    "sha3-256": "'SHA3-256'",
    "sha3-384": "'SHA3-384'",
    "sha3-512": "'SHA3-512'",
    "ssdeep": "SSDEEP",
    "tlsh": "TLSH",
    "authentihash": "AUTHENTIHASH",
    "cdhash": "CDHASH",
    "imphash": "IMPHASH",
    "impfuzzy": "IMPFUZZY",
    "pehash": "PEHASH",
    "telfhash": "TELFHASH",
    "vhash": "VHASH",
}
"""Those STIX does not name (10.7) keep the name they go by."""

_VALUES: dict[str, str] = {
    "AS": "autonomous-system:number",
    "cpe": "software:cpe",
    "dns-soa-email": "email-addr:value",
    "domain": "domain-name:value",
    "domain|ip": "domain-name:value domain-name:resolves_to_refs[*].value",
    "email": "email-addr:value",
    "email-body": "email-message:body",
    "email-dst": "email-addr:value",
    "email-message-id": "email-message:message_id",
    "email-reply-to": "email-message:additional_header_fields.'Reply-To'",
    "email-src": "email-addr:value",
    "email-subject": "email-message:subject",
    "email-thread-index": "email-message:additional_header_fields.'Thread-Index'",
    "email-x-mailer": "email-message:additional_header_fields.'X-Mailer'",
    "eppn": "user-account:user_id",
    "filename": "file:name",
    "github-username": "user-account:account_login",
    "hostname": "domain-name:value",
    "hostname|port": "network-traffic:dst_ref.value network-traffic:dst_port",
    "ip-dst": "ip-addr:value",
    "ip-dst|port": "network-traffic:dst_ref.value network-traffic:dst_port",
    "ip-src": "ip-addr:value",
    "ip-src|port": "network-traffic:src_ref.value network-traffic:src_port",
    "jabber-id": "user-account:account_login",
    "mac-address": "mac-addr:value",
    "mutex": "mutex:name",
    "onion-address": "domain-name:value",
    "regkey": "windows-registry-key:key",
    "regkey|value": "windows-registry-key:key windows-registry-key:values[*].data",
    "target-email": "email-addr:value",
    "twitter-id": "user-account:account_login",
    "uri": "url:value",
    "url": "url:value",
    "whois-registrant-email": "email-addr:value",
    "windows-service-displayname": "process:extensions.'windows-service-ext'.display_name",
    "windows-service-name": "process:extensions.'windows-service-ext'.service_name",
    "x509-fingerprint-md5": "x509-certificate:hashes.MD5",
    "x509-fingerprint-sha1": "x509-certificate:hashes.'SHA-1'",
    "x509-fingerprint-sha256": "x509-certificate:hashes.'SHA-256'",
    **{name: f"file:hashes.{key}" for name, key in _HASHES.items()},
    **{
        f"filename|{name}": f"file:name file:hashes.{key}"
        for name, key in _HASHES.items()
        if name not in ("cdhash", "telfhash")
    },
}
_TRAITS: dict[str, str] = {
    "email-attachment": "email-message:body_multipart[*].body_raw_ref.name",
    "email-dst-display-name": "email-message:to_refs[*].display_name",
    "email-src-display-name": "email-message:from_ref.display_name",
    "http-method": "network-traffic:extensions.'http-request-ext'.request_method",
    "mime-type": "file:mime_type",
    "port": "network-traffic:dst_port",
    "size-in-bytes": "file:size",
    "user-agent": "network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'",
}
_RULES: dict[str, str] = {
    "bro": "zeek",
    "kusto-query": "kusto",
    "sigma": "sigma",
    "snort": "snort",
    "stix2-pattern": "stix",
    "suricata": "suricata",
    "yara": "yara",
    "zeek": "zeek",
}
_OBJECTS: dict[str, str] = {
    "campaign-id": "campaign",
    "campaign-name": "campaign",
    "malware-type": "malware",
    "target-org": "identity",
    "threat-actor": "threat-actor",
    "vulnerability": "vulnerability",
}
_TEXTS = """
aba-rtn,anonymised,azure-application-id,bank-account-nr,bic,bin,boolean,btc,cc-number,chrome-extension-id,comment,
community-id,cookie,cortex,counter,country-of-residence,dash,date-of-birth,datetime,dkim,dkim-signature,dom-hash,
edge-extension-id,email-header,email-mime-boundary,favicon-mmh3,filename-pattern,first-name,float,
frequent-flyer-number,full-name,gender,gene,git-commit-id,github-organisation,github-repository,hassh-md5,
hasshserver-md5,hex,iban,identity-card-number,integer,issue-date-of-the-visa,ja3-fingerprint-md5,jarm-fingerprint,
last-name,mac-eui-64,middle-name,mobile-application-id,named pipe,nationality,other,
passenger-name-record-locator-number,
passport-country,passport-expiration,passport-number,pattern-in-file,pattern-in-memory,pattern-in-traffic,
payment-details,pdb,pgp-private-key,pgp-public-key,phone-number,place-of-birth,place-port-of-clearance,
place-port-of-onward-foreign-destination,place-port-of-original-embarkation,primary-residence,process-state,prtn,
redress-number,special-service-request,ssh-fingerprint,target-external,target-location,target-machine,target-user,text,
travel-details,uuid,visa-number,weakness,whois-creation-date,whois-registrant-name,whois-registrant-org,
whois-registrant-phone,whois-registrar,windows-scheduled-task,xmr
"""

TEXT = Form("text")
"""Also of a type that is not in the table."""

TYPES: dict[str, Form] = {
    **{name.strip(): TEXT for name in _TEXTS.split(",")},
    **{name: Form("value", tuple(map(path_of, text.split()))) for name, text in _VALUES.items()},
    **{name: Form("trait", (path_of(text),)) for name, text in _TRAITS.items()},
    **{name: Form("rule", (), language) for name, language in _RULES.items()},
    **{name: Form("object", (), type_) for name, type_ in _OBJECTS.items()},
    "attachment": Form("content"),
    "malware-sample": Form("content"),
    "link": Form("link"),
}

_WORDS: dict[Kind, tuple[str, str]] = {
    "value": ("indicator", "observed-data with its observables"),
    "trait": ("indicator", "note: STIX cannot observe it without the rest"),
    "rule": ("indicator in the language {name}", "note: STIX has rules in indicators only"),
    "object": ("{name}", "{name}"),
    "link": ("external reference of the report", "external reference of the report"),
    "content": ("indicator", "observed-data with a file and its artifact"),
    "text": ("note, and a loss: STIX has no pattern for it", "note: STIX has no observable for it"),
}


def reference() -> str:
    """The table as a page for people."""
    rows = []
    for name in sorted(TYPES, key=str.lower):
        form = TYPES[name]
        detected, other = (words.format(name=form.name) for words in _WORDS[form.kind])
        paths = "<br>".join(f"`{path.text}`" for path in form.paths)
        rows.append(f"| {name.replace('|', chr(92) + '|')} | {detected} | {other} | {paths} |")
    head = (
        f"# MISP attribute types\n\nWritten by `scripts/docs` from the code; change the code, not this page.\n\n"
        f"{len(TYPES)} types. A value that does not fit its type becomes a note, and the loss list says so. Type and\n"
        "category are kept as labels. `ip-addr` stands for `ipv4-addr` or `ipv6-addr`.\n\n"
        "| type | to be detected (`to_ids`) | otherwise | path |\n|---|---|---|---|\n"
    )
    return head + "\n".join(rows) + "\n"
