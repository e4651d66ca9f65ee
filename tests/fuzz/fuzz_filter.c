// SPDX-License-Identifier: GPL-2.0
/* What a user may write behind the options that choose: any text at all. */
#include <arpa/inet.h>

#include "filter.h"
#include "fuzz.h"
#include "names.h"

static void ask(const char *text)
{
	struct event ev = { .kind = TCPFSM_K_STATE, .id.family = AF_INET };
	struct filter f = { 0 };
	struct prefix p;
	struct why w;

	f.has_local = !ports_parse(text, &f.local, &w);
	f.has_either = !ports_parse(text, &f.either, &w);
	if (!prefix_parse(text, &p, &w))
		filter_add_addr(&f, &p, &w);
	pid_parse(text, &f.pid, &w);
	if (states_parse(text, &f.states, &w))
		f.states = 0;
	if (!comm_parse(text, &w))
		f.comm = text;
	filter_check(&f, true, &w);
	filter_check(&f, false, &w);
	filter_match(&f, &ev);
	ev.id.family = AF_INET6;
	ev.flags = TCPFSM_F_OWNER;
	filter_match(&f, &ev);
	filter_free(&f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = malloc(len + 1);

	if (!text)
		abort();
	memcpy(text, data, len);
	text[len] = '\0';
	ask(text);
	free(text);
	return 0;
}
