#!/usr/bin/env bash
# Instructions per message, counted by callgrind through the whole program: one scenario at two sizes, so that what
# does not grow with the messages (start-up, reports of 600 samples) stands in a column of its own.
#
#   benches/instructions.sh                the table
#   benches/instructions.sh --gate         exits 1 where a workload costs more than it may
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

# count WORKLOAD SETTING…: prints "instructions messages".
count() {
    local workload=$1 settings=() setting
    for setting in "${@:2}"; do settings+=(--set "$setting"); done
    valgrind --tool=callgrind --callgrind-out-file=/dev/null --log-file="$scratch/log" \
        "$TAILBACK" run "benches/$workload.toml" "${settings[@]}" --threads 1 --quiet --format json \
        --output "$scratch/output" >"$scratch/summary.json"
    awk '/Collected/ { instructions = $NF } $1 == "\"messages\":" { messages = $2 + 0 } END { print instructions, messages }' \
        "$scratch/log" "$scratch/summary.json"
}

over=0
# row WORKLOAD MUST FEW… -- MANY…: the settings of the smaller and of the larger size.
row() {
    local workload=$1 must=$2 few=()
    shift 2
    while [[ $1 != -- ]]; do few+=("$1"); shift; done
    shift
    local less more
    less=$(count "$workload" "${few[@]}")
    more=$(count "$workload" "$@")
    awk -v workload="$workload" -v must="$must" -v less="$less" -v more="$more" 'BEGIN {
        split(less, a); split(more, b)
        each = (b[1] - a[1]) / (b[2] - a[2])
        printf "%-8s %11.0f %11.0f %8d   %14.0f\n", workload, b[2], each, must, (a[1] - each * a[2]) / 1e6
        exit each > must
    }' || over=1
}

printf '%-8s %11s %11s %8s   %14s\n' workload messages "per message" "at most" "fixed, million"
row w1 300 duration=10s tick=17ms -- duration=100s tick=170ms
row w2 450 duration=10s tick=17ms -- duration=100s tick=170ms
row w3 600 duration=60s tick=100ms producer.source.spikes.at=27s producer.source.spikes.for=6s -- duration=600s tick=1s

if $gate && [[ $over -ne 0 ]]; then
    echo "a workload costs more instructions than it may" >&2
    exit 1
fi
