"""Counts of requests: by template, never by address, in buckets that add up."""

from __future__ import annotations

from collections.abc import Callable

from inprocess import AppClient
from kouprey.kernel.web.traffic import BOUNDS, Traffic


def test_buckets_are_cumulative_and_end_with_all() -> None:
    traffic = Traffic()
    for seconds in (0.001, BOUNDS[0], 0.2, 99.0):
        traffic.count("/x", "page", 200, seconds)
    traffic.count("/x", "page", 404, 0.2)
    requests, timed = traffic.vitals()
    assert {dict(each.labels)["status"]: each.value for each in requests.samples} == {"2xx": 4, "4xx": 1}
    buckets = [each.value for each in timed.samples if each.suffix == "_bucket"]
    assert buckets == [2, 2, 2, 4, 4, 4, 4, 4, 5]
    by_suffix = {each.suffix: each.value for each in timed.samples}
    assert by_suffix["_count"] == 5 and abs(by_suffix["_sum"] - 99.406) < 1e-9


def test_the_application_counts_doors_and_not_addresses(make_client: Callable[..., AppClient]) -> None:
    traffic = Traffic()
    client = make_client(traffic=traffic)
    for path in ("/healthz", "/static/kouprey.css", "/no/such/secret", "/crash"):
        client.get(path)
    counted = {tuple(value for _, value in each.labels) for each in traffic.vitals()[0].samples}
    assert ("/healthz", "2xx") in counted and ("/crash", "5xx") in counted and ("none", "4xx") in counted
    assert ("/static/{name:path}", "2xx") in counted
    assert "secret" not in str(traffic.vitals())
