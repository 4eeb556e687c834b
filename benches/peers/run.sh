#!/usr/bin/env bash
# The comparison in one command: this program and other simulators on the same three workloads, in turn, round by round.
#
#   benches/peers/run.sh [ROUNDS [LANE]]    5 rounds of lane.txt; prints medians, keeps every round in target/peers/
#
# The peers' programs are taken from $PEERS, by default ../shared/peers beside the repository; without them the
# comparison is with SimPy alone. README.md says what is measured.
set -euo pipefail
rounds=${1:-5}
lane=${2:+$(realpath "$2")}
cd "$(dirname "$0")/../.."
here=$PWD/benches/peers
peers=${PEERS:-$PWD/../shared/peers}
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
work=$target/peers

mkdir -p "$work"
cargo build --release --locked --quiet
export TAILBACK=$target/release/tailback

if [[ -d $peers/floor && -d $peers/rust && -d $peers/python ]]; then
    # Their folder may be read-only, and is not ours to build in.
    cp -R "$peers/floor" "$peers/rust" "$peers/python" "$work/"
    chmod -R u+w "$work"
    # Each crate from its own folder, so that its own settings apply.
    for crate in floor rust; do
        (cd "$work/$crate" && CARGO_TARGET_DIR=target cargo build --release --quiet)
    done
    lane=${lane:-$here/lane.txt}
else
    echo "no peers' programs at $peers (PEERS names another folder): comparing with SimPy alone" >&2
    lane=${lane:-$here/lane-alone.txt}
fi

if [[ ! -x $work/venv/bin/python ]]; then
    for python in python3.13 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.13*/bin/python3.13 python3; do
        "$python" --version >/dev/null 2>&1 && break
    done
    "$python" -m venv "$work/venv"
fi
"$work/venv/bin/pip" install --quiet --disable-pip-version-check simpy==4.1.2 numpy

sed "s|{here}|$here|" "$lane" >"$work/lane.txt"
"$work/venv/bin/python" "$here/compare.py" "$work/lane.txt" "$rounds" "$work" "$work/rounds.jsonl"
