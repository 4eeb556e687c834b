"""Runs the shards of a Tailback plan on Dask, and lays their results beside the plan.

Started by `tailback sweep ... --on dask`, which reads the lines that this prints. Nothing but the program must be on the
workers: the plan travels with the tasks and the results travel back, so no file system has to be shared.

A worker that dies takes nothing along: the scheduler gives its shard to another one. A shard that fails for a reason of the
world (no disk left) is tried again, one that says that its plan is wrong (exit status 2) is not.
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import uuid
import _thread

MISSING = 3
WRONG = 2
TRIES = 3


class ShardFailed(Exception):
    """The program ended with an error of the world; Dask tries again."""


def run_shard(program, plan, index):
    """On a worker: computes one shard in a folder of its own, and gives its files as {relative path: bytes}."""
    with tempfile.TemporaryDirectory(prefix="tailback-") as place:
        plan_file = os.path.join(place, "plan.json")
        with open(plan_file, "wb") as out:
            out.write(plan)
        shards = os.path.join(place, "shards")
        command = [program, "shard", plan_file, str(index), "--threads", "1", "--quiet", "--output", shards]
        try:
            ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        except OSError as error:
            said = f"{socket.gethostname()} cannot start {program}: {error}; --program says where it is on the workers"
            return {"status": WRONG, "said": said}
        said = ended.stderr.decode("utf-8", "replace").strip()
        if ended.returncode == WRONG:
            return {"status": WRONG, "said": said}
        if ended.returncode != 0:
            raise ShardFailed(f"shard {index} on {socket.gethostname()} ended with {ended.returncode}: {said}")
        return {"status": 0, "files": files_below(shards)}


def files_below(folder):
    """{path relative to the folder: bytes}"""
    found = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, folder)] = file.read()
    return found


def lay(folder, files):
    """Writes a shard's folder beside its place and renames it, so that nobody sees half of one."""
    os.makedirs(folder, exist_ok=True)
    staging = tempfile.mkdtemp(prefix=".from-dask-", dir=folder)
    try:
        for path, content in files.items():
            target = os.path.join(staging, path)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "wb") as out:
                out.write(content)
        for name in sorted(os.listdir(staging)):
            place = os.path.join(folder, name)
            # What lies there is of another plan, or was left by somebody who computed the same.
            shutil.rmtree(place, ignore_errors=True)
            os.rename(os.path.join(staging, name), place)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def say(*words):
    """A line for the program that started this."""
    print(*words, flush=True)


def end_with_parent():
    """Whoever started this holds our standard input open; when it is gone, so are we."""

    def wait():
        # Not through sys.stdin, whose lock would be held while the interpreter ends.
        while os.read(0, 4096):
            pass
        _thread.interrupt_main()

    threading.Thread(target=wait, daemon=True).start()


def compute(client, options, plan):
    from distributed import as_completed

    # A name of its own for every submission: a scheduler that lives on keeps no stale results of ours.
    name = f"tailback-{uuid.uuid4().hex[:12]}"
    shared = client.submit(bytes, plan, key=f"{name}-plan")
    futures = {
        client.submit(run_shard, options.program, shared, index, key=f"{name}-{index}", pure=False, retries=TRIES): index
        for index in options.shard
    }
    for future in as_completed(list(futures)):
        index = futures.pop(future)
        if future.status != "finished":
            error = future.exception()
            print(f"shard {index}: {type(error).__name__}: {error}", file=sys.stderr)
            return 1
        result = future.result()
        if result["status"] != 0:
            print(result["said"], file=sys.stderr)
            return WRONG
        lay(options.folder, result["files"])
        say("done", index)
    return 0


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--program", required=True)
    arguments.add_argument("--plan", required=True)
    arguments.add_argument("--folder", required=True)
    arguments.add_argument("--scheduler")
    arguments.add_argument("--workers", type=int)
    arguments.add_argument("shard", type=int, nargs="+")
    options = arguments.parse_args()
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        print(error, file=sys.stderr)
        return MISSING
    with open(options.plan, "rb") as file:
        plan = file.read()
    end_with_parent()
    if options.scheduler:
        with Client(options.scheduler, timeout="30s") as client:
            say("cluster", options.scheduler)
            return compute(client, options, plan)
    cluster = LocalCluster(
        n_workers=options.workers or os.cpu_count(),
        threads_per_worker=1,
        processes=True,
        dashboard_address="127.0.0.1:0",
        silence_logs=50,
    )
    with cluster, Client(cluster) as client:
        say("cluster", cluster.scheduler_address)
        return compute(client, options, plan)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
    except (OSError, TimeoutError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(1)
