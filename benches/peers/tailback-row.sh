#!/usr/bin/env bash
# One row of the comparison: the whole program on one workload, from the scenario file to the written reports, on one
# thread. Takes what the peers' programs take and prints, as they do, one line of JSON.
#
#   TAILBACK=program tailback-row.sh WORKLOAD SIZE SEED
#
# SIZE is a number of messages for w1 and w2, and of spikes of 600 s for w3: 12, or up to 1 for a shortened one.
# mean, p50 and p99 are waits in mean services for w1 and w2, latencies in seconds for w3. wall is the simulation's
# part: without reading the scenario and without the reports.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
workload=$1 size=$2 seed=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

file=$workload.toml settings=() measure=latency_s unit=1
case $workload in
    w1 | w2)
        measure=wait_s
        [[ $workload == w1 ]] && unit=100e-6 || unit=2e-3
        # 9,000 messages a second; 600 samples.
        read -r duration tick < <(awk -v n="$size" 'BEGIN { printf "%.0fus %.0fus\n", n / 9e-3, n / 9e-3 / 600 }')
        settings=(--set "duration=$duration" --set "tick=$tick")
        ;;
    w3)
        if [[ $size == 12 ]]; then
            file=w3x12.toml
        else
            read -r duration at lasts < <(awk -v s="$size" 'BEGIN { printf "%.0fms %.0fms %.0fms\n", s * 6e5, s * 27e4, s * 6e4 }')
            settings=(--set "duration=$duration" --set "producer.source.spikes.at=$at" --set "producer.source.spikes.for=$lasts")
        fi
        ;;
    *) echo "there is no workload $workload" >&2; exit 2 ;;
esac

"$TAILBACK" run "$here/$file" "${settings[@]}" --seed "$seed" --threads 1 --quiet --format json --output "$scratch" |
    awk -v measure="\"$measure\":" -v unit="$unit" '
        function number(text) { sub(/,$/, "", text); return text + 0 }
        $1 == "\"messages\":" { n = number($2) }
        $1 == "\"wall_time_s\":" { wall = number($2) }
        $1 == "\"line\":" { line = 1 }
        line && $1 == measure { inside = 1; line = 0 }
        inside && $1 == "\"mean\":" { mean = number($2) / unit }
        inside && $1 == "\"p50\":" { p50 = number($2) / unit }
        inside && $1 == "\"p99\":" { p99 = number($2) / unit; inside = 0 }
        END { printf "{\"n\": %d, \"wall\": %.6f, \"mean\": %.6g, \"p50\": %.6g, \"p99\": %.6g}\n", n, wall, mean, p50, p99 }'
