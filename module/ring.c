// SPDX-License-Identifier: GPL-2.0
/*
 * Records on their way out of the hooks: a ring of fixed slots a CPU, written by
 * hooks, emptied by the one drain worker.
 *
 * Writing. A hook may run in process context, in softirq, and in softirq on top
 * of process context; never in hardirq or NMI, where TCP does not run. It writes
 * with interrupts off, so on its own CPU it is alone from reserve to commit, and
 * the ring has one writer at a time and needs no lock. That holds under
 * PREEMPT_RT too, where disabling softirqs would sleep.
 *
 * Reading. The worker is the only reader. @head is the writer's and is released
 * after the slot is filled, @tail is the reader's and is released after the slot
 * was copied.
 *
 * Order. A round merges the rings, by the time of their records, up to the time it began. A record
 * may have its time but not be committed yet: a CPU therefore sets @writing before it reads the
 * clock, and the worker reads the clock and then waits while @writing is set. So no record older
 * than a round comes after it, which readers are told (TCPFSM_A_UNTIL).
 *
 * Loss. A record that finds no room is counted in @lost and leaves a hole in the
 * numbers of the records around it (rec.seq), so that the reader knows exactly
 * how many are missing and where, without the writer having to find room to say
 * so. What was lost last, with nothing behind it, shows as @lost ahead of the
 * holes seen so far.
 */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/topology.h>

#include "ring.h"
#include "table.h"

struct ring {
	union tcpfsm_slot *slots;	/* set before the CPU comes up, kept until exit */
	u64 head;			/* written by the CPU, read by the worker */
	u64 lost;			/* as head */
	bool fresh;			/* the CPU's: there is something to kick the worker for */
	bool writing;			/* the CPU's: between its clock and the record */
	u64 tail ____cacheline_aligned_in_smp; /* written by the worker, read by the CPU */
	u64 next_seq;			/* worker only: number the next record should have */
	u64 limit;			/* worker only: head when the round began */
	u64 limit_lost;			/* worker only: lost, read before limit */
};

static struct ring __percpu *rings;
static u32 ring_size;			/* a power of two */
static int hotplug_state;

/* worker only: when the round began, and the CPUs it has not finished with */
static u64 round_now;
static struct cpumask round_cpus;
/* worker only: no record that was made before is still to come */
static u64 until;
/* worker only: the CPU whose records are taken, until there are older ones of another CPU */
static struct ring *turn;
static u64 turn_ends;

/*
 * Runs before a CPU comes up, and for those that are up when the module is
 * loaded. A CPU that goes down keeps its ring: the worker still empties it,
 * and the CPU may come back. Without memory the CPU comes up all the same; what
 * its hooks have to say is counted as lost.
 */
static int ring_prepare_cpu(unsigned int cpu)
{
	struct ring *r = per_cpu_ptr(rings, cpu);

	if (!r->slots)
		r->slots = kvmalloc_node(array_size(ring_size, sizeof(*r->slots)),
					 TCPFSM_GFP_TABLE, cpu_to_node(cpu));
	if (r->slots)
		return 0;
	pr_warn("tcpfsm: CPU %u has no ring, its events will be lost\n", cpu);
	return 0;
}

/**
 * tcpfsm_ring_init() - make the rings
 * @records: slots a CPU, a power of two
 *
 * Context: process, module load.
 * Return: 0 or -ENOMEM.
 */
int tcpfsm_ring_init(unsigned int records)
{
	int cpu, err;

	ring_size = records;
	rings = alloc_percpu(struct ring);
	if (!rings)
		return -ENOMEM;

	/*
	 * No CPU may come up in between. The callback is not left to the
	 * kernel for those that are: before 6.10, 932d8476399f ("cpu/hotplug: Fix dynstate
	 * assignment in __cpuhp_setup_state_cpuslocked()"), it forgets to call a dynamic one
	 * of this stage.
	 */
	cpus_read_lock();
	err = cpuhp_setup_state_nocalls_cpuslocked(CPUHP_BP_PREPARE_DYN, "net/tcpfsm:prepare",
						   ring_prepare_cpu, NULL);
	if (err >= 0)
		for_each_online_cpu(cpu)
			ring_prepare_cpu(cpu);
	cpus_read_unlock();
	if (err < 0)
		goto err_free;
	hotplug_state = err;

	/* Later a CPU without a ring is survivable; at load it is better said. */
	for_each_online_cpu(cpu) {
		if (!per_cpu_ptr(rings, cpu)->slots) {
			err = -ENOMEM;
			goto err_hotplug;
		}
	}
	return 0;

err_hotplug:
	cpuhp_remove_state_nocalls(hotplug_state);
	for_each_possible_cpu(cpu)
		kvfree(per_cpu_ptr(rings, cpu)->slots);
err_free:
	free_percpu(rings);
	return err;
}

/**
 * tcpfsm_ring_exit() - free the rings
 *
 * Context: process, after the hooks are gone and the worker has stopped.
 */
void tcpfsm_ring_exit(void)
{
	int cpu;

	cpuhp_remove_state_nocalls(hotplug_state);
	for_each_possible_cpu(cpu)
		kvfree(per_cpu_ptr(rings, cpu)->slots);
	free_percpu(rings);
}

/**
 * tcpfsm_ring_clock() - the time of the record that is made next
 *
 * The worker waits from here to tcpfsm_ring_commit(), or to a tcpfsm_ring_reserve() that finds no
 * room; either must follow, and may come before.
 *
 * Context: any but hardirq and NMI, interrupts off until then.
 * Return: CLOCK_MONOTONIC in ns.
 */
u64 tcpfsm_ring_clock(void)
{
	WRITE_ONCE(this_cpu_ptr(rings)->writing, true);
	/* pairs with the worker's in tcpfsm_ring_begin(), which reads the clock first */
	smp_mb();
	return ktime_get_ns();
}

/**
 * tcpfsm_ring_reserve() - a slot for a record
 *
 * The slot's rec.cpu and rec.seq are filled in; the caller fills the rest and
 * calls tcpfsm_ring_commit() with interrupts still off.
 *
 * Context: any but hardirq and NMI, interrupts off.
 * Return: the slot, or NULL when there is no room; the loss is counted.
 */
union tcpfsm_slot *tcpfsm_ring_reserve(void)
{
	struct ring *r = this_cpu_ptr(rings);
	union tcpfsm_slot *slot;

	/* the worker has copied what tail has passed */
	if (unlikely(!r->slots || r->head - smp_load_acquire(&r->tail) >= ring_size)) {
		/* pairs with the worker's acquire in tcpfsm_ring_begin() */
		smp_store_release(&r->lost, r->lost + 1);
		r->fresh = true;
		WRITE_ONCE(r->writing, false);
		return NULL;
	}

	slot = &r->slots[r->head & (ring_size - 1)];
	slot->rec.cpu = smp_processor_id();
	slot->rec.seq = r->head + r->lost;
	return slot;
}

/**
 * tcpfsm_ring_commit() - hand the slot over to the worker
 *
 * Context: as tcpfsm_ring_reserve(), on the same CPU.
 */
void tcpfsm_ring_commit(void)
{
	struct ring *r = this_cpu_ptr(rings);

	/* the slot is filled before the worker can see it */
	smp_store_release(&r->head, r->head + 1);
	/* and seen before the worker no longer waits for it */
	smp_store_release(&r->writing, false);
	r->fresh = true;
}

/**
 * tcpfsm_ring_news() - is there anything to tell the worker?
 *
 * Context: as tcpfsm_ring_reserve(), before interrupts are on again.
 * Return: what to call tcpfsm_drain_kick() with when they are, as records were made or lost on
 * this CPU since this was asked last: soon, or now when its ring is half full.
 */
enum tcpfsm_news tcpfsm_ring_news(void)
{
	struct ring *r = this_cpu_ptr(rings);

	if (!r->fresh)
		return TCPFSM_NO_NEWS;
	r->fresh = false;
	return r->head - READ_ONCE(r->tail) >= ring_size / 2 ? TCPFSM_NEWS_NOW : TCPFSM_NEWS_SOON;
}

/*
 * Waits until a CPU has handed over the record it is writing: with interrupts off that is a matter
 * of nanoseconds, unless a hypervisor took the processor away. Then others are not kept waiting.
 */
static bool written(const struct ring *r)
{
	const u64 head = READ_ONCE(r->head), lost = READ_ONCE(r->lost);
	unsigned int patience = 2000;

	/* what is written next is younger */
	while (smp_load_acquire(&r->writing) && READ_ONCE(r->head) == head &&
	       READ_ONCE(r->lost) == lost) {
		if (!patience--)
			return false;
		cpu_relax();
	}
	return true;
}

/**
 * tcpfsm_ring_begin() - begin a round of reading
 *
 * The round ends with the records made until now. What is written during the round waits for the
 * next one, so that a round ends and that records of all CPUs leave it in the order of their time.
 *
 * Context: the worker.
 * Return: when it began, CLOCK_MONOTONIC in ns.
 */
u64 tcpfsm_ring_begin(void)
{
	bool all = true;
	struct ring *r;
	int cpu;

	round_now = ktime_get_ns();
	/* the clock is read before looking who is writing; pairs with tcpfsm_ring_clock() */
	smp_mb();
	turn = NULL;
	cpumask_clear(&round_cpus);
	for_each_possible_cpu(cpu) {
		r = per_cpu_ptr(rings, cpu);
		all &= written(r);
		/*
		 * Lost first: every loss in limit_lost then lies before
		 * limit, between records of this round or behind its last.
		 */
		r->limit_lost = smp_load_acquire(&r->lost);
		/* the slots before it are filled */
		r->limit = smp_load_acquire(&r->head);
		if (r->limit + r->limit_lost != r->next_seq)
			cpumask_set_cpu(cpu, &round_cpus);
	}
	if (all)
		until = round_now;
	return round_now;
}

/**
 * tcpfsm_ring_until() - up to when all was taken
 * @last: the time of the record taken last, when the round is not over
 *
 * Context: the worker, in a round or after it.
 * Return: CLOCK_MONOTONIC in ns; no record made before will come any more.
 */
u64 tcpfsm_ring_until(u64 last)
{
	return min(until, last);
}

static unsigned int put_lost(void *buf, int cpu, u64 seq, u64 count, u64 ts)
{
	struct tcpfsm_lost_rec *lost = buf;

	memset(lost, 0, sizeof(*lost));
	lost->rec.size = sizeof(*lost);
	lost->rec.kind = TCPFSM_K_LOST;
	lost->rec.cpu = cpu;
	lost->rec.seq = seq;
	lost->rec.ts = ts;
	lost->count = count;
	lost->where = TCPFSM_W_RING;
	return sizeof(*lost);
}

/* What the round has left of a CPU's ring: a record, or NULL */
static const struct tcpfsm_rec *peek(const struct ring *r)
{
	return r->tail == r->limit ? NULL : &r->slots[r->tail & (ring_size - 1)].rec;
}

/*
 * Make @turn the ring with the oldest record, until another ring has an older one; NULL if none
 * has any. A CPU with nothing left leaves the round. When all records are out, what a CPU lost
 * after its last record is put into @buf with the time of the round: if silence follows, no later
 * record would show that gap.
 *
 * Return: bytes put there.
 */
static unsigned int take_turns(void *buf)
{
	const struct tcpfsm_rec *rec;
	int cpu, last = -1;
	unsigned int size;
	struct ring *r;
	u64 gap;

	turn = NULL;
	turn_ends = round_now;
	for_each_cpu(cpu, &round_cpus) {
		r = per_cpu_ptr(rings, cpu);
		rec = peek(r);
		if (rec && rec->ts <= round_now) {
			if (!turn || rec->ts < peek(turn)->ts) {
				if (turn)
					turn_ends = min(turn_ends, peek(turn)->ts);
				turn = r;
			} else {
				turn_ends = min(turn_ends, rec->ts);
			}
			continue;
		}
		if (!rec && (s64)(r->limit + r->limit_lost - r->next_seq) > 0)
			last = cpu;
		else
			cpumask_clear_cpu(cpu, &round_cpus);
	}
	if (turn || last < 0)
		return 0;
	r = per_cpu_ptr(rings, last);
	gap = r->limit + r->limit_lost - r->next_seq;
	size = put_lost(buf, last, r->next_seq, gap, round_now);
	r->next_seq += gap;
	return size;
}

/**
 * tcpfsm_ring_next() - take the round's next record
 * @buf: where to copy it, with room for a union tcpfsm_slot
 *
 * Where records are missing, the next one is a TCPFSM_K_LOST that counts them.
 *
 * Context: the worker, after tcpfsm_ring_begin().
 * Return: bytes copied, 0 when the round is over.
 */
unsigned int tcpfsm_ring_next(void *buf)
{
	const struct tcpfsm_rec *rec = turn ? peek(turn) : NULL;
	unsigned int size;
	u64 gap;

	if (!rec || rec->ts > turn_ends) {
		size = take_turns(buf);
		if (!turn)
			return size;
		rec = peek(turn);
	}

	gap = rec->seq - turn->next_seq;
	if (gap) {
		size = put_lost(buf, rec->cpu, turn->next_seq, gap, rec->ts);
		turn->next_seq += gap;
		return size;
	}

	size = rec->size;
	tcpfsm_ring_copy(buf, rec);
	turn->next_seq++;
	/* copied before the writer can use the slot again */
	smp_store_release(&turn->tail, turn->tail + 1);
	return size;
}

/**
 * tcpfsm_ring_lost() - records that found no room
 *
 * Context: any.
 * Return: the sum over all CPUs since load.
 */
u64 tcpfsm_ring_lost(void)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(rings, cpu)->lost);
	return sum;
}

