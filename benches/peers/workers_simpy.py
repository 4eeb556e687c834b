"""The three workloads in SimPy, for a comparison on a machine that has no other peers.

usage: workers_simpy.py w1|w2|w3 SIZE SEED; sizes and output as of tailback-row.sh, times of w1 and w2 in mean services.
"""

import json
import random
import sys
import time
from array import array

import simpy

ATTEMPTS = 5


def steady(messages, rate):
    """The gaps between a number of Poisson arrivals."""
    for _ in range(messages):
        yield random.expovariate(rate)


def spiked(spikes):
    """The gaps between the arrivals of W3: 1,000/s, and 5,000/s from 45 % to 55 % of each 600 s."""
    cycles, length = (int(spikes), 600.0) if spikes >= 1 else (1, 600.0 * spikes)
    last = 0.0
    for cycle in range(cycles):
        for start, end, rate in ((0.0, 0.45, 1000.0), (0.45, 0.55, 5000.0), (0.55, 1.0, 1000.0)):
            now, until = (cycle + start) * length, (cycle + end) * length
            # A Poisson process has no memory, so each phase starts afresh.
            while (now := now + random.expovariate(rate)) < until:
                yield now - last
                last = now


class Queue:
    """Workers that take from one store; the times of interest end up in `times`."""

    def __init__(self, workers, service_s, failure):
        self.env = simpy.Environment()
        self.store = simpy.Store(self.env)
        self.service_rate = 1.0 / service_s
        self.failure = failure
        self.times = array("d")
        self.depths = array("d")
        for _ in range(workers):
            self.env.process(self.worker())

    def producer(self, gaps):
        for gap in gaps:
            yield self.env.timeout(gap)
            self.store.put((self.env.now, 1))

    def worker(self):
        while True:
            published, attempt = yield self.store.get()
            if self.failure == 0.0:
                self.times.append(self.env.now - published)
                yield self.env.timeout(random.expovariate(self.service_rate))
                continue
            yield self.env.timeout(random.expovariate(self.service_rate))
            if random.random() >= self.failure:
                self.times.append(self.env.now - published)
            elif attempt < ATTEMPTS:
                self.env.process(self.retry(published, attempt))

    def retry(self, published, attempt):
        yield self.env.timeout(random.random() * 2.0 ** (attempt - 1))
        self.store.put((published, attempt + 1))

    def sampler(self, until_s):
        while self.env.now < until_s:
            yield self.env.timeout(1.0)
            self.depths.append(len(self.store.items))


def main(workload, size, seed):
    random.seed(seed)
    start = time.perf_counter()
    if workload == "w3":
        queue = Queue(workers=100, service_s=0.05, failure=0.05)
        queue.env.process(queue.producer(spiked(size)))
        queue.env.process(queue.sampler(600.0 * size))
    else:
        workers = {"w1": 1, "w2": 20}[workload]
        queue = Queue(workers, service_s=1.0, failure=0.0)
        queue.env.process(queue.producer(steady(int(size), 0.9 * workers)))
    queue.env.run()
    times = sorted(queue.times)
    at = lambda share: times[int(share * len(times))]
    found = {"mean": sum(times) / len(times), "p50": at(0.5), "p99": at(0.99)}
    print(json.dumps({"n": len(times), "wall": time.perf_counter() - start, **found}))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]))
