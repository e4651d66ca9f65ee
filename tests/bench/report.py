#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What was measured, as a table.

    report.py add FILE.json SAMPLES NAME=VALUE...   new samples take the place of those of their part
    report.py table FILE.json                       as text
    report.py docs FILE.json PAGE.md                into the page, between its two marks
"""
import contextlib
import io
import json
import os
import statistics
import sys

PARTS = ("cost", "data", "loss", "latency", "scale")
PEERS = ("tcpstates", "tcplife", "tcptracer", "bpftrace", "perf", "trace_pipe", "conntrack", "tcpdump", "ss")
STATE_PEERS = ("tcpstates", "bpftrace", "trace_pipe")    # as text, each transition they know of
MARKS = ("<!-- what follows is of make bench-docs -->", "<!-- to here -->")
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
    data["results"] = {p: globals()[p + "_results"](data["samples"]) for p in PARTS}
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


def of_part(samples, part):
    return [s for s in samples if s["part"] == part]


def median_of(rows, top, bottom=None):
    return statistics.median(r[top] / (r[bottom] if bottom else 1) for r in rows)


def data_results(samples):
    """Instructions a segment or an exchange, with and without the module."""
    samples = of_part(samples, "data")
    results = []
    for what in dict.fromkeys(s["what"] for s in samples):
        none, module = ([s for s in samples if s["what"] == what and s["tracer"] == t] for t in ("none", "module"))
        without, with_it = median_of(none, "all", "count"), median_of(module, "all", "count")
        results.append({"what": what, "count": none[0]["count"], "none": round(without, 2),
                        "module": round(with_it, 2), "percent": round(100 * (with_it / without - 1), 3)})
    return results


def loss_results(samples):
    results = []
    for s in of_part(samples, "loss"):
        lost = s["due"] - s["got"]
        row = {k: s[k] for k in ("tracer", "account", "due", "got", "told", "exact") if k in s}
        row["lost"] = lost
        row["lost_percent"] = round(100 * lost / s["due"], 2)
        if "ns" in s:
            row["a_second"] = round(s["connections"] * 1e9 / s["ns"])
        results.append(row)
    return results


def latency_results(samples):
    samples = of_part(samples, "latency")
    results = []
    for tracer in dict.fromkeys(s["tracer"] for s in samples):
        its = [s for s in samples if s["tracer"] == tracer]
        results.append({"tracer": tracer, "rate": its[0]["rate"], "shown": sum(s["shown"] for s in its),
                        "of": sum(s["count"] for s in its)} |
                       {k: round(median_of(its, k)) for k in ("median", "p99", "most")})
    return results


def scale_results(samples):
    samples = of_part(samples, "scale")
    results = {"memory": {s["what"]: s["bytes"] for s in samples if "bytes" in s}, "flows": []}
    for flows in dict.fromkeys(s["flows"] for s in samples if "flows" in s):
        here = [s for s in samples if s.get("flows") == flows]
        row = {"flows": flows}
        for what in ("none", "module"):
            row[what] = round(median_of([s for s in here if s["what"] == what], "all", "count"))
        row["added"] = row["module"] - row["none"]
        row["ratio"] = round(row["module"] / row["none"], 4)
        for s in here:
            if "round" not in s:
                row[s["what"]] = {k: s[k] for k in ("all", "ns", "memory", "lines") if k in s}
        results["flows"].append(row)
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


    results = data["results"]
    if results["data"]:
        print("Data of connections that stay, instructions:\n")
        print(f"{'':24}{'count':>9}{'without':>12}{'with':>12}{'':>9}")
        for r in results["data"]:
            each = "an exchange" if r["what"] == "exchange" else f"a segment, {r['what']}"
            print(f"{each:24}{r['count']:9}{r['none']:12.1f}{r['module']:12.1f}{r['percent']:+8.3f} %")
        print()
    if results["loss"]:
        print("Four generators on two processors:\n")
        print(f"{'tracer':22}{'a second':>9}{'lines due':>11}{'shown':>9}{'missing':>9}{'':>9}{'told lost':>10}")
        for r in results["loss"]:
            name = r.get("tracer") or f"-s -j, {r['account']}"
            told = "-" if r["told"] is None else r["told"]
            print(f"{name:22}{r.get('a_second', '-'):>9}{r['due']:11}{r['got']:9}{r['lost']:9}"
                  f"{r['lost_percent']:7.2f} %{told:>10}")
        print()
    if results["latency"]:
        print("From the call of connect() to the line, microseconds:\n")
        print(f"{'tracer':14}{'shown':>8}{'median':>10}{'99 %':>10}{'most':>10}")
        for r in results["latency"]:
            print(f"{r['tracer']:14}{r['shown']:8}{r['median'] / 1e3:10.1f}{r['p99'] / 1e3:10.1f}"
                  f"{r['most'] / 1e3:10.1f}")
        print()
    if results["scale"]["flows"]:
        scale_table(results["scale"])


def scale_table(scale):
    print("Beside so many flows, instructions:\n")
    print(f"{'flows':>8}{'untraced':>10}{'traced':>10}{'ratio':>8}{'load':>14}{'a flow listed':>15}"
          f"{'stuck, a flow':>15}{'stats':>12}{'unload':>14}")
    for r in scale["flows"]:
        print(f"{r['flows']:8}{r['none']:10}{r['module']:10}{r['ratio']:8.3f}{r['load']['all']:14}"
              f"{r['list']['all'] / r['flows']:15.0f}{r['stuck']['all'] / r['flows']:15.0f}"
              f"{r['stats']['all']:12}{r['unload']['all']:14}")
    print("\nMemory at most, kilobytes, and time to the first output, milliseconds:\n")
    for r in scale["flows"]:
        print(f"{r['flows']:8}", "  ".join(f"{k.removeprefix('start ')} {v['memory']}" +
                                          (f" {v['ns'] / 1e6:.1f} ms" if k.startswith("start") else "")
                                          for k, v in r.items()
                                          if isinstance(v, dict) and k not in ("load", "unload")))
    memory = scale["memory"]
    if len(memory) == 3:
        print(f"\nThe module allocates {memory['default']} bytes with one processor,"
              f" {(memory['flows'] - memory['default']) / 65536:.0f} for each flow,"
              f" {memory['ring'] - memory['default']} for each processor's ring")
    print()


def cost_row(data, tracer, ending="client"):
    return next((r for r in data["results"]["cost"] if (r["tracer"], r["ending"]) == (tracer, ending)), None)


def best(data, key, tracers=PEERS):
    """The peer that has the least of it."""
    rows = [r for r in map(lambda t: cost_row(data, t), tracers) if r]
    return min(rows, key=lambda r: r[key]) if rows else None


def targets(data):
    """What was aimed at, what was reached, whether that will do, and the best of the peers."""
    text = [t for t in PEERS if t not in ("perf", "tcpdump")]
    rows = []

    def cost(what, tracer, key, most, form, peers):
        row, peer = cost_row(data, tracer), best(data, key, peers)
        if row:
            rows.append((what, form(most), form(row[key]), row[key] <= most,
                         f"{peer['tracer']} {form(peer[key])}" if peer else ""))

    def percent(x):
        return f"{x:+.1f} %"

    cost("kernel side, nobody reads", "module", "kernel_percent", 2, percent, PEERS)
    cost("kernel side, `record` stopped", "record", "kernel_percent", 5, percent, PEERS)
    cost("`record` to a file", "record", "ratio", 1.08, "{:.3f}".format, PEERS)
    cost("`monitor`", "monitor", "ratio", 1.25, "{:.3f}".format, STATE_PEERS)
    cost("`monitor -s --json`", "monitor-s-j", "ratio", 1.5, "{:.3f}".format, STATE_PEERS)
    for tracer in ("monitor", "monitor-s", "monitor-j", "monitor-s-j"):
        cost(f"instructions a line, `{tracer.replace('-', ' -')}`", tracer, "line", 1500, str, text)
    for r in data["results"]["data"]:
        rows.append((f"data, {r['what']}", "0.1 %", f"{r['percent']:+.3f} %", abs(r["percent"]) <= 0.1, ""))
    losses = data["results"]["loss"]
    least = min((r for r in losses if r.get("tracer") in PEERS), key=lambda r: r["lost_percent"], default=None)
    for r in losses:
        if r.get("tracer") in ("record", "monitor"):
            rows.append((f"lost, `{r['tracer']}`", "0", str(r["lost"]), r["lost"] == 0,
                         f"{least['tracer']} {least['lost_percent']} %" if least else ""))
        if "account" in r:
            rows.append((f"account of losses, {r['account']}", "exact",
                         f"{r['got']} + {r['told']} of {r['due']}", r["exact"], ""))
    late = {r["tracer"]: r for r in data["results"]["latency"]}
    if "monitor" in late and "tcpstates" in late:
        states = late["tcpstates"]["median"]
        rows.append(("latency, median", f"{states / 1e3:.0f} us", f"{late['monitor']['median'] / 1e3:.0f} us",
                     late["monitor"]["median"] <= states, f"tcpstates {states / 1e3:.0f} us"))
        rows.append(("latency, 99 %", "1000 us", f"{late['monitor']['p99'] / 1e3:.0f} us",
                     late["monitor"]["p99"] <= 1e6, f"tcpstates {late['tcpstates']['p99'] / 1e3:.0f} us"))
    flows = data["results"]["scale"]["flows"]
    for r in flows[1:]:
        grown = 100 * (r["module"] / flows[0]["module"] - 1)
        rows.append((f"connection beside {r['flows']} flows", "10 %", percent(grown), grown <= 10,
                     f"untraced {percent(100 * (r['none'] / flows[0]['none'] - 1))}"))
    # insmod and rmmod are not ours
    memory = [v["memory"] for r in flows for k, v in r.items() if isinstance(v, dict) and k not in ("load", "unload")]
    if memory:
        rows.append(("memory of the tool", "3072 kB", f"{max(memory)} kB", max(memory) <= 3072, ""))
    return rows


def docs(data, path):
    with open(path) as f:
        head, rest = f.read().split(MARKS[0])
    tail = rest.split(MARKS[1])[1]
    lines = ["| | aimed at | reached | | best peer |", "|---|---|---|---|---|"]
    lines += [f"| {what} | {aim} | {got} | {'yes' if met else '**no**'} | {peer} |"
              for what, aim, got, met, peer in targets(data)]
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        table(data)
    about = [f"{part}: {r['commit']}, Linux {r['kernel']}{', QUICK=1' if r['quick'] else ''}"
             for part, r in data["runs"].items()]
    with open(path, "w") as f:
        f.write("\n".join([head + MARKS[0], "Measured by `make bench`: " + "; ".join(sorted(about)) + ".", "",
                           *lines, "", "```", out.getvalue().rstrip(), "```", MARKS[1]]) + tail)


def main(argv):
    if len(argv) > 4 and argv[1] == "add":
        add(argv[2], argv[3], argv[4:])
    elif len(argv) == 3 and argv[1] == "table":
        table(load(argv[2]))
    elif len(argv) == 4 and argv[1] == "docs":
        docs(load(argv[2]), argv[3])
    else:
        sys.exit(__doc__)


main(sys.argv)
