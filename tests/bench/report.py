#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What was measured, as a table.

    report.py add FILE.json SAMPLES NAME=VALUE...   new samples take the place of those of their part
    report.py table FILE.json                       as text
"""
import json
import os
import statistics
import sys

ENDINGS = ("client", "server", "reset")


def load(path):
    with open(path) as f:
        return json.load(f)


def add(path, samples, words):
    with open(samples) as f:
        new = [json.loads(line) for line in f if line.startswith("{")]
    parts = {s["part"] for s in new}
    data = load(path) if os.path.exists(path) else {"runs": {}, "samples": []}
    about = dict(w.split("=", 1) for w in words)
    data["samples"] = [s for s in data["samples"] if s["part"] not in parts] + new
    for part in parts:
        data["runs"][part] = about
    data["results"] = {"cost": cost_results(data["samples"])}
    with open(path + ".tmp", "w") as f:
        json.dump(data, f, indent=1)
        f.write("\n")
    os.rename(path + ".tmp", path)


def cost_results(samples):
    """Medians of the rounds, of each ending and tracer, in instructions a connection."""
    samples = [s for s in samples if s["part"] == "cost"]
    results = []
    for ending in ENDINGS:
        base = None
        here = [s for s in samples if s["ending"] == ending]
        for tracer in dict.fromkeys(s["tracer"] for s in here):
            its = [s for s in here if s["tracer"] == tracer]
            total = statistics.median(s["all"] / s["count"] for s in its)
            kernel = statistics.median(s["stopped"] / s["stopped_count"] for s in its)
            if tracer == "none":
                base = total, kernel
            lines = statistics.median(s["window"] for s in its)
            own = statistics.median(s["own"] / s["count"] for s in its)
            results.append({
                "ending": ending, "tracer": tracer, "rounds": len(its), "total": round(total),
                "ratio": round(total / base[0], 4), "added": round(total - base[0]),
                "kernel": round(kernel - base[1]),
                "kernel_percent": round(100 * (kernel - base[1]) / base[1], 2),
                "reader": round(own), "lines": lines, "line": round(own / lines) if lines else None,
            })
    return results


def table(data):
    for ending in ENDINGS:
        rows = [r for r in data["results"]["cost"] if r["ending"] == ending]
        if not rows:
            continue
        first = "resets" if ending == "reset" else "closes first"
        print(f"Instructions of a connection, the {'client' if ending == 'reset' else ending} {first}:\n")
        print(f"{'tracer':14}{'total':>9}{'ratio':>8}{'added':>9}{'kernel side alone':>19}"
              f"{'reader':>9}{'lines':>7}{'a line':>8}")
        for r in rows:
            line = r["line"] or "-"
            print(f"{r['tracer']:14}{r['total']:9}{r['ratio']:8.3f}{r['added']:+9}"
                  f"{r['kernel']:+10} {r['kernel_percent']:+6.1f} %{r['reader']:9}{r['lines']:7g}{line:>8}")
        print()


def main(argv):
    if len(argv) > 4 and argv[1] == "add":
        add(argv[2], argv[3], argv[4:])
    elif len(argv) == 3 and argv[1] == "table":
        table(load(argv[2]))
    else:
        sys.exit(__doc__)


main(sys.argv)
