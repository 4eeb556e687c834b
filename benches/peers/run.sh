#!/usr/bin/env bash
# The comparison in one command: this program and other simulators on the same three workloads, in turn, round by round.
#
#   benches/peers/run.sh [ROUNDS]    default 5; prints a table of medians and keeps the rounds in target/peers/
#
# The peers' programs are taken from $PEERS, by default ../shared/peers beside the repository; see README.md.
set -euo pipefail
cd "$(dirname "$0")/../.."
repository=$PWD
here=$repository/benches/peers
rounds=${1:-5}
peers=${PEERS:-$repository/../shared/peers}
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
work=$target/peers

if [[ ! -f $peers/run.py ]]; then
    echo "no peers' programs at $peers: set PEERS to a folder that has them (benches/peers/README.md says what it holds)" >&2
    exit 2
fi

# Their folder may be read-only, and is not ours to build in.
mkdir -p "$work"
cp -R "$peers/." "$work/"
chmod -R u+w "$work"
cargo build --release --locked --quiet
export TAILBACK=$target/release/tailback
# Each crate in its own folder and with its own profile, so that its .cargo/config.toml applies and ours does not.
for crate in floor rust; do
    (cd "$work/$crate" && CARGO_TARGET_DIR=target cargo build --release --quiet)
done
if [[ ! -x $work/venv/bin/python ]]; then
    for python in python3.13 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.13*/bin/python3.13 python3; do
        "$python" --version >/dev/null 2>&1 && break
    done
    "$python" -m venv "$work/venv"
fi
"$work/venv/bin/pip" install --quiet --disable-pip-version-check simpy==4.1.2 numpy

lane=$work/tailback-lane.txt result=$work/rounds.jsonl
sed "s|{row}|$here/tailback-row.sh|" "$here/lane.txt" >"$lane"
rm -f "$result"
"$work/venv/bin/python" "$work/run.py" "$lane" "$rounds" "$result"
"$work/venv/bin/python" "$here/table.py" "$result"
