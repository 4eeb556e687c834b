"""Runs the rows of a lane in turn, round by round, and prints medians as a Markdown table.

usage: compare.py LANE ROUNDS FOLDER RESULT.jsonl

A row of the lane is `label | workload | size | command`. The command runs in FOLDER, with {seed} replaced by the round's
number, and must print one JSON line with n (messages), wall (seconds), mean, p50 and p99. CPU time is what the kernel
counts for the command and all its children.
"""

import json
import os
import statistics
import subprocess
import sys

TIMEOUT_S = "600"


def rows(lane):
    with open(lane) as lines:
        return [[cell.strip() for cell in line.split("|")] for line in lines if line.strip() and line[0] != "#"]


def measure(command, folder):
    """One run: its CPU seconds, peak memory and the line it printed; or None and a word to stderr where it failed."""
    process = subprocess.Popen(["timeout", TIMEOUT_S, *command], stdout=subprocess.PIPE, cwd=folder)
    printed = process.stdout.read().decode().strip().splitlines()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0 or not printed:
        print(f"{' '.join(command)} ended with status {process.returncode}", file=sys.stderr)
        return None
    return {"cpu": usage.ru_utime + usage.ru_stime, "rss_mb": usage.ru_maxrss / 1024, "out": json.loads(printed[-1])}


def run(lane, rounds, folder, result):
    with open(result, "w") as log:
        for turn in range(1, rounds + 1):
            for label, workload, size, command in rows(lane):
                found = measure(command.replace("{seed}", str(turn)).split(), folder)
                record = {"label": label, "workload": workload, "size": size, "round": turn, "found": found}
                log.write(json.dumps(record) + "\n")
                log.flush()
            print(f"round {turn} of {rounds} is done", file=sys.stderr)


def table(result):
    """Per row the medians over its rounds; the ratio is of CPU time per message to that of tailback."""
    seen = {}
    with open(result) as lines:
        for record in map(json.loads, lines):
            seen.setdefault((record["workload"], record["label"], record["size"]), []).append(record["found"])
    medians = {}
    for key, found in seen.items():
        good = [one for one in found if one]
        if good:
            of = lambda value: statistics.median(map(value, good))
            medians[key] = {
                "cpu": of(lambda one: one["cpu"] * 1e9 / one["out"]["n"]),
                "wall": of(lambda one: one["out"]["wall"] * 1e9 / one["out"]["n"]),
                "rss": of(lambda one: one["rss_mb"]),
                **{name: of(lambda one: one["out"][name]) for name in ("mean", "p50", "p99")},
            }
    own = {workload: row["cpu"] for (workload, label, _), row in medians.items() if label == "tailback"}
    yield "| workload | program | messages | CPU ns a message | × tailback | own clock, ns a message | MB | mean | p50 | p99 |"
    yield "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for workload, label, size in seen:
        row = medians.get((workload, label, size))
        if row is None:
            yield f"| {workload} | {label} | {size} | failed | | | | | | |"
            continue
        ratio = f"{row['cpu'] / own[workload]:.2f}" if workload in own else "–"
        yield (
            f"| {workload} | {label} | {size} | {row['cpu']:,.0f} | {ratio} | {row['wall']:,.0f} | {row['rss']:,.0f}"
            f" | {row['mean']:.4g} | {row['p50']:.4g} | {row['p99']:.4g} |"
        )


if __name__ == "__main__":
    lane, rounds, folder, result = sys.argv[1:]
    run(lane, int(rounds), folder, result)
    print("\n".join(table(result)))
