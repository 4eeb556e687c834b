"""Prints the comparison as a Markdown table: medians over the rounds. usage: table.py ROUNDS.jsonl"""

import json
import statistics
import sys


def row(records):
    """CPU and wall time per message in ns, peak memory in MB, and what the program found; or None where it failed."""
    good = [record for record in records if "out" in record and record["rc"] == 0]
    if not good:
        return None
    median = lambda of: statistics.median(of(record) for record in good)
    return {
        "size": good[0]["size"],
        "rounds": len(good),
        "cpu": median(lambda r: (r["user"] + r["sys"]) * 1e9 / r["out"]["n"]),
        "wall": median(lambda r: r["out"]["wall"] * 1e9 / r["out"]["n"]),
        "rss": median(lambda r: r["rss_mb"]),
        **{name: median(lambda r: r["out"][name]) for name in ("mean", "p50", "p99")},
    }


def main(path):
    rows = {}
    with open(path) as lines:
        for record in map(json.loads, lines):
            rows.setdefault((record["w"], record["label"]), []).append(record)
    table = {key: row(records) for key, records in rows.items()}
    print("| workload | program | messages | rounds | CPU ns/message | to tailback | its own wall ns/message | MB | mean | p50 | p99 |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for (workload, label), found in table.items():
        if found is None:
            print(f"| {workload} | {label} | failed |")
            continue
        own = table.get((workload, "tailback"))
        ratio = f"{found['cpu'] / own['cpu']:.2f}" if own else "–"
        print(
            f"| {workload} | {label} | {float(found['size']):.2g} | {found['rounds']} | {found['cpu']:,.1f} | {ratio}"
            f" | {found['wall']:,.1f} | {found['rss']:.0f} | {found['mean']:.4g} | {found['p50']:.4g} | {found['p99']:.4g} |"
        )


if __name__ == "__main__":
    main(sys.argv[1])
