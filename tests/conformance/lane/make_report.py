"""Write the vectors of docs/spec/report.md beside those of `make_vectors`, from the text alone: nothing of Kouprey.

python make_report.py [FOLDER]
"""

import json
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

# By its place: an isolated interpreter looks for no module beside the script.
SPEC = spec_from_file_location("make_vectors", Path(__file__).with_name("make_vectors.py"))
vectors = module_from_spec(SPEC)
SPEC.loader.exec_module(vectors)
AUTHOR, PEER, b64, compact, digest, note = (
    getattr(vectors, name) for name in ("AUTHOR", "PEER", "b64", "compact", "digest", "note")
)

CASES = {"share-back": 18, "time-to-acknowledge": 40, "context": 100000, "false-positives": None}


def manifest_of(agreement_id, version, pdf, cases=CASES, quarter="2026-Q4"):
    """A manifest whose hashes hold. Numbers by hand: they are written so in the specification, not by every library."""
    figures = '{"share-back":0.5,"time-to-acknowledge":3600.0,"context":0.00001,"false-positives":null}'
    in_order = '{"context":0.00001,"false-positives":null,"share-back":0.5,"time-to-acknowledge":3600.0}'
    said = (
        f'{{"agreement":"{agreement_id}","figures":{in_order},'
        f'"n":{compact(dict(sorted(cases.items())))},"quarter":"{quarter}"}}'
    )
    return (
        f'{{"v":1,"kind":"measures","party":"{AUTHOR}","agreement":"{agreement_id}","version_sha256":"{version}",'
        f'"quarter":"{quarter}","language":"en","made_at":"2026-12-31T00:00:00Z","pdf_sha256":"{digest(pdf).hex()}",'
        f'"figures_sha256":"{digest(said.encode()).hex()}","figures":{figures},"n":{compact(cases)}}}'
    )


def report(agreement_id, version, cards):
    """A signed report, and what a reader has to refuse, each with why; most are signed as they stand."""
    pdf = b"%PDF-1.7\n% a page that nobody needs to draw for its hash\n%%EOF\n"
    manifest = manifest_of(agreement_id, version, pdf)
    head, ours = "kouprey report v1\n", (f"{AUTHOR}/node", f"{AUTHOR}/node")
    text = f"{head}{manifest}\n"
    right = note(text, ours)

    def changed(old, new):
        assert old in text
        return note(text.replace(old, new, 1), ours)

    wrong = {
        "a figure was changed after it was signed": right.replace("0.5", "0.9", 1),
        "a figure was changed, and the hash of the figures was not": changed('"share-back":0.5', '"share-back":0.9'),
        "a number of cases was changed": changed('"share-back":18', '"share-back":19'),
        "another quarter": changed('"quarter":"2026-Q4"', '"quarter":"2026-Q3"'),
        "another agreement": changed(f'"agreement":"{agreement_id}"', '"agreement":"agr_0"'),
        "fields in another order": changed('"v":1,"kind":"measures"', '"kind":"measures","v":1'),
        "white space": changed('"v":1,', '"v":1, '),
        "a number in a longer form": changed("0.5", "0.50"),
        "a number with an exponent where none is needed": changed("0.00001", "1e-5"),
        "an escape that JSON does not require": changed('"en"', '"\\u0065n"'),
        "a field that is not known": changed('"v":1,', '"v":1,"w":1,'),
        "a field twice": changed('"v":1,', '"v":1,"v":1,'),
        "a field is missing": changed('"language":"en",', ""),
        "a quarter there is none of": note(
            f"{head}{manifest_of(agreement_id, version, pdf, quarter='2026-Q5')}\n", ours
        ),
        "figures and cases of other measures": note(
            f"{head}{manifest_of(agreement_id, version, pdf, cases={'share-back': 18})}\n", ours
        ),
        "another version": changed('"v":1', '"v":2'),
        "another kind": changed('"measures"', '"register"'),
        "another head": note(f"kouprey report v2\n{manifest}\n", ours),
        "no head": note(f"{manifest}\n", ours),
        "something behind it": note(f"{text}more\n", ours),
        "signed by nobody": text + "\n",
        "signed by the root key of its party": note(text, (f"{AUTHOR}/root", f"{AUTHOR}/root")),
        "signed by another party": note(text, (f"{PEER}/node", f"{PEER}/node")),
        "signed by another party in its name": note(text, (f"{AUTHOR}/node", f"{PEER}/node")),
        "said to be of another party": changed(f'"party":"{AUTHOR}"', f'"party":"{PEER}"'),
    }
    return {
        "cards": cards,
        "pdf": b64(pdf),
        "manifest": text,
        "note": right,
        "wrong": [{"why": why, "pdf": b64(pdf), "note": note_} for why, note_ in wrong.items()]
        + [{"why": "another PDF", "pdf": b64(pdf + b"\n"), "note": right}],
    }


def main(folder):
    agreed = vectors.agreement()
    cards = [vectors.card(party)[1] for party in (AUTHOR, PEER)]
    made = report(agreed["agreement"], agreed["version_sha256"], cards)
    (folder / "report.json").write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
