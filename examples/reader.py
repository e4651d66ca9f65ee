#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Reads tcpfsm's netlink family without tcpfsm: with ynl, the kernel's own netlink client, and
the family's specification. Records are binary; struct tcpfsm_rec and its likes are laid out in
tcpfsm-netlink(7) and <linux/tcpfsm.h>, in host byte order but for ports and addresses.

    YNL=/usr/src/linux/tools/net/ynl examples/reader.py flows
    YNL=/usr/src/linux/tools/net/ynl examples/reader.py events
"""
import errno
import os
import select
import socket
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SPEC = os.environ.get("SPEC", os.path.join(HERE, "../module/spec/tcpfsm.yaml"))
YNL = os.environ.get("YNL", "/usr/src/linux/tools/net/ynl")
# since Linux 6.14 it is in a folder of its own
sys.path[:0] = [os.path.join(YNL, "pyynl"), YNL]
from lib import YnlFamily, NlError  # noqa: E402

REC = struct.Struct("=HBBIQQ")			# size, kind, flags, cpu, ts, seq
ID = struct.Struct("=QIHxxHHxxxx16s16s")	# cookie, netns, family, ports, addresses
OWNER = struct.Struct("=II16s")			# pid, uid, comm
STATE = struct.Struct("=QBBHI")			# ns in the old state, old, new, cause, retransmissions
FLOW = struct.Struct("=QBxH4x")			# now, state, cause
LOST = struct.Struct("=QI4x")			# how many, where

KIND_STATE, KIND_LOST, KIND_FLOW = 1, 2, 3
F_OWNER = 1 << 0
F_SINCE = 1 << 1


def records(data):
    """Each record of a message: header and what follows it. Records grow at their end only:
    one steps by their size, and does not look at what one does not know."""
    while len(data) >= REC.size:
        head = REC.unpack_from(data)
        size = head[0]
        if size < REC.size or size > len(data):
            return
        yield head, data[REC.size:size]
        data = data[size:]


def connection(body):
    """Socket cookie, and both ends as text"""
    cookie, _, family, lport, rport, laddr, raddr = ID.unpack_from(body)
    length = 4 if family == socket.AF_INET else 16
    ends = (f"{socket.inet_ntop(family, addr[:length])}:{socket.ntohs(port)}"
            for addr, port in ((laddr, lport), (raddr, rport)))
    return cookie, " ".join(ends)


def owner(head, body):
    """Name of the process, - when it is not known"""
    if not head[2] & F_OWNER:
        return "-"
    return OWNER.unpack_from(body, ID.size)[2].split(b"\0")[0].decode(errors="replace")


def state_names(ynl):
    """States by number, from the specification"""
    return [entry.name for entry in ynl.consts["state"].entries.values()]


def show(states, head, body):
    """A line for each record of a kind we know"""
    if head[1] == KIND_LOST:
        print("lost", LOST.unpack_from(body)[0])
    elif head[1] == KIND_STATE:
        cookie, ends = connection(body)
        ns, old, new, _, _ = STATE.unpack_from(body, ID.size + OWNER.size)
        after = f"after {ns / 1e9:.6f} s" if head[2] & F_SINCE else "-"
        print(f"{cookie:x}", ends, states[old], states[new], owner(head, body), after)
    elif head[1] == KIND_FLOW:
        cookie, ends = connection(body)
        _, state, _ = FLOW.unpack_from(body, ID.size + OWNER.size)
        print(f"{cookie:x}", ends, states[state], owner(head, body))


def messages(ynl):
    """What came so far; a list, or since Linux 6.13 a queue"""
    queue = ynl.async_msg_queue
    while len(queue) if isinstance(queue, list) else not queue.empty():
        yield queue.pop(0) if isinstance(queue, list) else queue.get()


def events(ynl, states):
    """Follow the stream. The index of a message tells how many records were sent before it, or told
    of as lost: where it is not what we expect, some were lost on their way."""
    expected = None
    ynl.ntf_subscribe("events")
    print("listening", file=sys.stderr, flush=True)
    while True:
        select.select([ynl.sock], [], [])
        try:
            ynl.check_ntf()
        except OSError as err:
            if err.errno != errno.ENOBUFS:
                raise
        for message in messages(ynl):
            index = message["msg"]["index"]
            if expected is not None and index != expected:
                print("lost", index - expected)
            expected = index
            for head, body in records(message["msg"]["records"]):
                show(states, head, body)
                expected += LOST.unpack_from(body)[0] if head[1] == KIND_LOST else 1
        sys.stdout.flush()


def main():
    """What the first argument asks for"""
    what = sys.argv[1] if len(sys.argv) == 2 else None
    if what not in ("flows", "events"):
        sys.exit(__doc__)
    ynl = YnlFamily(SPEC, schema="")
    states = state_names(ynl)
    try:
        if what == "events":
            events(ynl, states)
        for reply in ynl.dump("get-flow", {}):
            for head, body in records(reply["record"]):
                show(states, head, body)
    except NlError as err:
        sys.exit(str(err))
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
