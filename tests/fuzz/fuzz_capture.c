// SPDX-License-Identifier: GPL-2.0
/* A capture that may be anything, read through libpcap and judged. */
#include "capture.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct sinks s;
	FILE *f = fuzz_file(data, len);
	struct capture c;
	struct event ev;
	struct why w;
	int err;

	if (!f)
		return 0;
	if (!capture_is(data, len)) {
		fclose(f);
		return -1;	/* not worth keeping in the corpus */
	}
	err = capture_open(&c, f, 8, &w);
	while (!err && capture_next(&c, &ev, &w) == 1)
		sinks_event(&s, &ev);
	if (!c.pcap)
		fclose(f);
	capture_close(&c);
	sinks_end(&s);
	return 0;
}
