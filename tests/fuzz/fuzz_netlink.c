// SPDX-License-Identifier: GPL-2.0
/* A netlink message that may be anything, with the records in it. */
#include "decode.h"
#include "fuzz.h"
#include "stream.h"

#define FAMILY	0x1f	/* what the corpus has */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct sinks s;
	void *message = malloc(len ? len : 1);	/* aligned, and ending where it ends */
	struct decode d;
	struct event ev;
	struct batch b;

	if (!message)
		abort();
	memcpy(message, data, len);
	if (stream_parse(message, len, FAMILY, &b) == STREAM_BATCH) {
		decode_init(&d, b.records, b.len);
		while (decode_next(&d, &ev) == 1)
			sinks_event(&s, &ev);
	}
	sinks_end(&s);
	free(message);
	return 0;
}
