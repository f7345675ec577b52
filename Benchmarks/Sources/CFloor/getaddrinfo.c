#include "floor.h"
#include "clocks.h"

#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct pool {
    const struct floor_work *work;
    /* All threads are there when the first lookup begins. */
    atomic_int is_open;
    atomic_size_t next;
    atomic_long addresses;
};

static void *look_up(void *data) {
    struct pool *pool = data;
    const struct floor_work *work = pool->work;
    while (!pool->is_open) usleep(100);
    for (size_t i = pool->next++; i < work->count; i = pool->next++) {
        struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found = NULL;
        uint64_t start = nanoseconds();
        int status = getaddrinfo(work->names[i], NULL, &hints, &found);
        work->latencies[i] = nanoseconds() - start;
        if (status != 0) continue;
        for (struct addrinfo *address = found; address != NULL; address = address->ai_next) pool->addresses++;
        freeaddrinfo(found);
    }
    return NULL;
}

long floor_getaddrinfo(const struct floor_work *work) {
    struct pool pool = {.work = work};
    pthread_t *threads = calloc(work->in_flight, sizeof *threads);
    size_t started = 0;
    while (threads != NULL && started < work->in_flight &&
           pthread_create(&threads[started], NULL, look_up, &pool) == 0) {
        started++;
    }
    floor_start(work->span);
    pool.is_open = 1;
    for (size_t i = 0; i < started; i++) pthread_join(threads[i], NULL);
    floor_end(work->span);
    free(threads);
    /* With fewer threads it would be a weaker floor. */
    return started == work->in_flight ? pool.addresses : -1;
}
