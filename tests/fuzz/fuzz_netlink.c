// SPDX-License-Identifier: GPL-2.0
/* A netlink message that may be anything, with the records in it. */
#include "decode.h"
#include "fuzz.h"
#include "listeners.h"
#include "stream.h"

#define FAMILY	0x1f	/* what the corpus has */

static void show_listener(struct sinks *s, const struct event *ev, const uint8_t *at, size_t len)
{
	const struct listener_queue q = { .known = len & 8, .waiting = len, .limit = len };
	struct tcpfsm_listener l;

	decode_listener(at, len, &l);
	listener_text(&s->text, &s->view, ev, &l, &q);
	listener_json(&s->text, &s->view, ev, &l, &q);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct sinks s;
	const uint8_t *at;
	void *message = malloc(len ? len : 1);	/* aligned, and ending where it ends */
	struct decode d;
	struct event ev;
	struct batch b;

	if (!message)
		abort();
	memcpy(message, data, len);
	if (stream_parse(message, len, FAMILY, &b) == STREAM_BATCH) {
		decode_init(&d, b.records, b.len);
		for (at = d.at; decode_next(&d, &ev) == 1; at = d.at) {
			sinks_event(&s, &ev);
			if (ev.kind == TCPFSM_K_LISTENER)
				show_listener(&s, &ev, at, d.at - at);
		}
	}
	sinks_end(&s);
	free(message);
	return 0;
}
