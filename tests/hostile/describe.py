#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
#
# describe.py SPEC >spec.h: the YAML specification of a generic netlink family as C tables, so that
# what is fuzzed and asked is what the specification has, and nothing is written down twice.

import sys

import yaml

SIZES = {"u8": 1, "u16": 2, "u32": 4, "u64": 8}


def mask_of(spec, attr):
    """Flags that may be asked for: the entries of the enum that name something."""
    if not attr.get("enum-as-flags"):
        return 0
    for enum in spec["definitions"]:
        if enum["name"] == attr["enum"]:
            return sum(1 << i for i, e in enumerate(enum["entries"]) if e != "unknown")
    sys.exit(f"describe.py: no enum {attr['enum']}")


def ident(name):
    return name.replace("-", "_")


def attributes(spec):
    sets = {s["name"]: s for s in spec["attribute-sets"]}
    for name in sets:
        print(f"static const struct spec_attr spec_{ident(name)}[{len(sets[name]['attributes'])}];")
    for name, s in sets.items():
        print(f"\nstatic const struct spec_attr spec_{ident(name)}[] = {{")
        for i, a in enumerate(s["attributes"], 1):
            kind = a["type"]
            fields = [f'.name = "{a["name"]}", .id = {i}']
            checks = a.get("checks", {})
            if kind in SIZES:
                kind = "number"
                fields.append(f".size = {SIZES[a['type']]}")
            fields.insert(1, f".kind = SPEC_{kind.upper()}")
            for check in checks:
                if check not in ("min", "max"):
                    sys.exit(f"describe.py: {a['name']}: no idea what check {check} is")
                fields.append(f".has_{check} = true, .{check} = {checks[check]}u")
            if mask_of(spec, a):
                fields.append(f".mask = {mask_of(spec, a):#x}")
            if kind == "nest":
                nest = a["nested-attributes"]
                fields.append(f".nest = spec_{ident(nest)}, .nests = {len(sets[nest]['attributes'])}")
            print(f"\t{{ {', '.join(fields)} }},")
        print("};")
    return sets


def operations(spec, sets):
    takes = []
    print()
    ops = spec["operations"]["list"]
    for op in ops:
        ids = {a["name"]: i for i, a in enumerate(sets[op["attribute-set"]]["attributes"])}
        ways = [w for w in ("do", "dump") if w in op]
        names = [n for w in ways for n in op[w].get("request", {}).get("attributes", [])]
        takes.append(f"spec_takes_{ident(op['name'])}" if names else "NULL")
        if names:
            indices = ", ".join(str(ids[n]) for n in names)
            print(f"static const unsigned char {takes[-1]}[] = {{ {indices} }};")
    print("\nconst struct spec_op spec_ops[] = {")
    for i, op in enumerate(ops, 1):
        ways = [w for w in ("do", "dump") if w in op]
        if len(ways) > 1:
            sys.exit(f"describe.py: {op['name']} is asked in two ways")
        way = ways[0].upper() if ways else "EVENT"
        size = f"sizeof({takes[i - 1]})" if takes[i - 1] != "NULL" else "0"
        nset = f"spec_{ident(op['attribute-set'])}"
        count = len(sets[op["attribute-set"]]["attributes"])
        print(f'\t{{ "{op["name"]}", {i}, SPEC_{way}, {takes[i - 1]}, {size}, {nset}, {count} }},')
    print("};\n\nconst unsigned int spec_n_ops = sizeof(spec_ops) / sizeof(*spec_ops);")


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        spec = yaml.safe_load(f)
    print("/* Made by tests/hostile/describe.py. */")
    print(f'const char spec_family[] = "{spec["name"]}";\n')
    sets = attributes(spec)
    operations(spec, sets)
    print("\nconst char *const spec_groups[] = {")
    for group in spec["mcast-groups"]["list"]:
        print(f'\t"{group["name"]}",')
    print("};\n\nconst unsigned int spec_n_groups = sizeof(spec_groups) / sizeof(*spec_groups);")


main()
