#ifndef FLOOR_H
#define FLOOR_H

#include "clocks.h"

#include <stddef.h>
#include <stdint.h>

/*
 * The floors: the least that a lookup over the network can cost, as plain loops in C, and glibc's own resolver beside
 * them. Each asks for the A records of every name once, so many at a time.
 */
struct floor_work {
    /* Of the name server at 127.0.0.1; getaddrinfo has its own. */
    uint16_t port;
    const char *const *names;
    size_t count;
    /* Lookups under way at once. */
    size_t in_flight;
    /* How long each took, in nanoseconds; room for `count`. */
    uint64_t *latencies;
    /* How long all of them took, and what the process has used of processors meanwhile, in nanoseconds; without what is
     * made beforehand and thrown away afterwards. */
    struct floor_span *span;
};

struct floor_span {
    uint64_t time, cpu;
};

static inline void floor_start(struct floor_span *span) {
    span->cpu = cpu_nanoseconds();
    span->time = nanoseconds();
}

static inline void floor_end(struct floor_span *span) {
    span->time = nanoseconds() - span->time;
    span->cpu = cpu_nanoseconds() - span->cpu;
}

/* Each gives how many addresses came in all, or -1 where a lookup failed. */

/* A socket and messages made beforehand; nothing is parsed but the count of answers. */
long floor_socket(const struct floor_work *work);

/* One c-ares channel with its socket kept open, poll(2), the addresses parsed. */
long floor_cares(const struct floor_work *work);
long floor_cares_tcp(const struct floor_work *work);

/* The first of these with the loop on a thread of its own, as a library has it that must not keep its callers' threads: each lookup
 * is handed over, and its end is waited for. One at a time, whatever `in_flight` says. */
long floor_cares_thread(const struct floor_work *work);

/* What it takes to make a channel ready, in nanoseconds. */
uint64_t floor_cares_setup(uint16_t port);

/* getaddrinfo on as many threads as lookups are under way. One that fails counts as no address. */
long floor_getaddrinfo(const struct floor_work *work);

/* Keeps the calling thread on one processor; on any, for a number below zero. 0, or -1 where that cannot be done. */
int floor_pin(int processor);

/* Counts a reference to an object of Swift's up and down, so many times; how long all of that took, in nanoseconds. */
uint64_t floor_count_reference(void *object, size_t times);

/* Calls of malloc and its like in this process while counting is on. */
void floor_count_allocations(int on);
uint64_t floor_allocations(void);

/* Octets that malloc has given out and not got back; 0 where it does not say. */
uint64_t floor_allocated_octets(void);

#endif
