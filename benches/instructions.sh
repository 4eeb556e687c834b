#!/usr/bin/env bash
# Instructions per message, counted by callgrind inside the engine while the whole program runs, and of the whole program
# with all its reports. Reports cost about the same whatever the traffic, so the second column falls with more messages.
#
#   benches/instructions.sh                the table
#   benches/instructions.sh --gate         exits 1 where a workload's engine costs more than it may
#   TAILBACK=path benches/instructions.sh  of a program that is already built
#
# Needs valgrind. Instructions do not depend on the machine's load, nor much on its make.
set -euo pipefail
cd "$(dirname "$0")/.."

gate=false
for argument in "$@"; do
    case $argument in
        --gate) gate=true ;;
        *) echo "usage: $0 [--gate]" >&2; exit 2 ;;
    esac
done
command -v valgrind >/dev/null || { echo "valgrind is not installed" >&2; exit 2; }
if [[ -z ${TAILBACK:-} ]]; then
    cargo build --release --locked --quiet
    TAILBACK=${CARGO_TARGET_DIR:-target}/release/tailback
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# count ENGINE-ONLY WORKLOAD SETTING…: prints "instructions messages".
count() {
    local only=$1 workload=$2 settings=() setting
    for setting in "${@:3}"; do settings+=(--set "$setting"); done
    valgrind --tool=callgrind --callgrind-out-file=/dev/null --log-file="$scratch/log" $only \
        "$TAILBACK" run "benches/$workload.toml" "${settings[@]}" --threads 1 --quiet --format json \
        --output "$scratch/output" >"$scratch/summary.json"
    awk '/Collected/ { instructions = $NF } $1 == "\"messages\":" { messages = $2 + 0 } END { print instructions, messages }' \
        "$scratch/log" "$scratch/summary.json"
}

over=0
# row WORKLOAD MUST SETTING…
row() {
    local workload=$1 must=$2 engine whole
    engine=$(count "--toggle-collect=tailback::engine::simulate*" "$workload" "${@:3}")
    whole=$(count "" "$workload" "${@:3}")
    awk -v workload="$workload" -v must="$must" -v engine="$engine" -v whole="$whole" 'BEGIN {
        split(engine, a); split(whole, b)
        printf "%-8s %11.0f %11.0f %8d   %13.0f\n", workload, a[2], a[1] / a[2], must, b[1] / b[2]
        exit a[1] / a[2] > must
    }' || over=1
}

printf '%-8s %11s %11s %8s   %13s\n' workload messages "in engine" "at most" "whole program"
row w1 300 duration=200s tick=340ms
row w2 450 duration=200s tick=340ms
row w3 600

if $gate && [[ $over -ne 0 ]]; then
    echo "a workload costs more instructions than it may" >&2
    exit 1
fi
