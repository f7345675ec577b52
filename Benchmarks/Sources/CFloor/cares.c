#define _GNU_SOURCE
#include "floor.h"
#include "clocks.h"

#include <ares.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/eventfd.h>
#endif

#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

enum { MOST_ADDRESSES = 2048, MOST_MILLISECONDS = 2500 };

struct loop {
    const struct floor_work *work;
    ares_channel channel;
    struct pollfd socket;
    size_t sent, done;
    long addresses;
    int has_read;
};

struct lookup {
    struct loop *loop;
    uint64_t started;
    size_t index;
};

static void socket_changed(void *data, ares_socket_t descriptor, int readable, int writable) {
    struct loop *loop = data;
    loop->socket.fd = readable || writable ? descriptor : -1;
    loop->socket.events = (short)((readable ? POLLIN : 0) | (writable ? POLLOUT : 0));
}

/* c-ares reads until there is nothing more; where no answer is due any longer, that is a system call for nothing. */
static ares_ssize_t receive(ares_socket_t descriptor, void *buffer, size_t room, int flags, struct sockaddr *from,
                            ares_socklen_t *length, void *data) {
    struct loop *loop = data;
    if (loop->has_read && loop->sent == loop->done) {
        errno = EAGAIN;
        return -1;
    }
    loop->has_read = 1;
    return recvfrom(descriptor, buffer, room, flags, from, length);
}

static ares_socket_t open_socket(int family, int type, int protocol, void *data) {
    (void)data;
    int descriptor = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol), on = 1;
    if (type == SOCK_STREAM) setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return descriptor;
}

static int close_socket(ares_socket_t descriptor, void *data) {
    (void)data;
    return close(descriptor);
}

static int connect_socket(ares_socket_t descriptor, const struct sockaddr *to, ares_socklen_t length, void *data) {
    (void)data;
    return connect(descriptor, to, length);
}

static ares_ssize_t send_parts(ares_socket_t descriptor, const struct iovec *parts, int count, void *data) {
    (void)data;
    return writev(descriptor, parts, count);
}

static const struct ares_socket_functions functions = {
    .asocket = open_socket,
    .aclose = close_socket,
    .aconnect = connect_socket,
    .arecvfrom = receive,
    .asendv = send_parts,
};

/* The octets of a name at the beginning of `from`, which may end in a pointer (RFC 1035 section 4.1.4). */
static int name_length(const unsigned char *from, int room) {
    int length = 0;
    while (length < room && from[length] != 0) {
        if (from[length] >= 0xC0) return length + 2;
        length += 1 + from[length];
    }
    return length + 1;
}

/* How many A records an answer has; -1 for one that cannot be read. c-ares' own parser goes through all addresses for
 * each further one, which takes a millisecond for a thousand. */
static int parse_addresses(const unsigned char *answer, int length, uint32_t *addresses) {
    if (length < 12 || (answer[3] & 0x0F) != 0) return -1;
    int records = answer[6] << 8 | answer[7], count = 0, place = 12;
    place += name_length(answer + place, length - place) + 4;
    while (records-- > 0) {
        place += name_length(answer + place, length - place) + 10;
        if (place > length) return -1;
        const unsigned char *type = answer + place - 10;
        int data_length = type[8] << 8 | type[9];
        if (place + data_length > length) return -1;
        if (type[1] == T_A && data_length == 4 && count < MOST_ADDRESSES) {
            memcpy(&addresses[count++], answer + place, 4);
        }
        place += data_length;
    }
    return count;
}

static void answered(void *data, int status, int timeouts, unsigned char *answer, int length) {
    (void)timeouts;
    struct lookup *lookup = data;
    struct loop *loop = lookup->loop;
    static uint32_t addresses[MOST_ADDRESSES];
    int count = status == ARES_SUCCESS ? parse_addresses(answer, length, addresses) : -1;
    loop->work->latencies[lookup->index] = nanoseconds() - lookup->started;
    loop->done++;
    loop->addresses = count >= 0 && loop->addresses >= 0 ? loop->addresses + count : -1;
}

static int make_channel(struct loop *loop, uint16_t port, int flags) {
    struct ares_options options = {
        .flags = flags | ARES_FLAG_STAYOPEN | ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_EDNS,
        .timeout = 2000,
        .tries = 1,
        .ednspsz = 1232,
        .lookups = "b",
        .sock_state_cb = socket_changed,
        .sock_state_cb_data = loop,
    };
    int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ | ARES_OPT_LOOKUPS |
               ARES_OPT_SOCK_STATE_CB;
    char server[32];
    snprintf(server, sizeof server, "127.0.0.1:%u", port);
    if (ares_init_options(&loop->channel, &options, mask) != ARES_SUCCESS) return -1;
    ares_set_socket_functions(loop->channel, &functions, loop);
    return ares_set_servers_ports_csv(loop->channel, server) == ARES_SUCCESS ? 0 : -1;
}

static void send_next(struct loop *loop, struct lookup *lookup, uint64_t started) {
    *lookup = (struct lookup){.loop = loop, .started = started, .index = loop->sent};
    loop->sent++;
    ares_query(loop->channel, loop->work->names[lookup->index], C_IN, T_A, answered, lookup);
}

/* What `poll` has found; none of it lets c-ares give up what has taken too long. */
static void process(struct loop *loop, int found) {
    loop->has_read = 0;
    ares_process_fd(loop->channel, found & ~POLLOUT ? loop->socket.fd : ARES_SOCKET_BAD,
                    found & POLLOUT ? loop->socket.fd : ARES_SOCKET_BAD);
}

static long ask(const struct floor_work *work, int flags) {
    struct loop loop = {.work = work, .socket = {.fd = -1}};
    struct lookup *lookups = calloc(work->count, sizeof *lookups);
    if (lookups == NULL || make_channel(&loop, work->port, flags) != 0) return -1;
    floor_start(work->span);
    while (loop.done < work->count && loop.addresses >= 0) {
        while (loop.sent < work->count && loop.sent - loop.done < work->in_flight) {
            send_next(&loop, &lookups[loop.sent], nanoseconds());
        }
        process(&loop, poll(&loop.socket, 1, MOST_MILLISECONDS) > 0 ? loop.socket.revents : 0);
    }
    floor_end(work->span);
    long addresses = loop.addresses;
    ares_destroy(loop.channel);
    free(lookups);
    return addresses;
}

long floor_cares(const struct floor_work *work) { return ask(work, ARES_FLAG_IGNTC); }

long floor_cares_tcp(const struct floor_work *work) { return ask(work, ARES_FLAG_USEVC); }

/* The same loop on a thread of its own, and what the caller, who gives it one lookup after the other, shares with it. */
struct loop_thread {
    struct loop loop;
    struct lookup lookup;
    /* Where the caller writes, and the loop reads. */
    int wake[2];
    pthread_mutex_t lock;
    pthread_cond_t is_done;
    /* Of the lookup that was handed over last; 0 to end. */
    uint64_t started;
};

static int open_wake(int wake[2]) {
#ifdef __linux__
    return wake[0] = wake[1] = eventfd(0, EFD_CLOEXEC);
#else
    return pipe(wake);
#endif
}

static void close_wake(int wake[2]) {
    close(wake[0]);
    if (wake[1] != wake[0]) close(wake[1]);
}

static void hand_over(struct loop_thread *thread, uint64_t started) {
    uint64_t one = 1;
    pthread_mutex_lock(&thread->lock);
    thread->started = started;
    pthread_mutex_unlock(&thread->lock);
    while (write(thread->wake[1], &one, sizeof one) < 0 && errno == EINTR) {
    }
}

/* Begins the lookup that was handed over; 0 if it was the end. */
static int take_over(struct loop_thread *thread) {
    uint64_t count;
    if (read(thread->wake[0], &count, sizeof count) < 0) return errno == EINTR;
    pthread_mutex_lock(&thread->lock);
    uint64_t started = thread->started;
    /* If nothing can be sent, that is its end already. */
    if (started != 0) send_next(&thread->loop, &thread->lookup, started);
    int is_done = thread->loop.done == thread->loop.sent;
    pthread_mutex_unlock(&thread->lock);
    if (is_done) pthread_cond_signal(&thread->is_done);
    return started != 0;
}

static void *run(void *data) {
    struct loop_thread *thread = data;
    struct pollfd found[2];
    do {
        found[0] = (struct pollfd){.fd = thread->wake[0], .events = POLLIN};
        found[1] = thread->loop.socket;
        found[1].revents = 0;
        poll(found, 2, MOST_MILLISECONDS);
        pthread_mutex_lock(&thread->lock);
        if (found[0].revents == 0) process(&thread->loop, found[1].revents);
        pthread_mutex_unlock(&thread->lock);
        if (found[0].revents == 0) pthread_cond_signal(&thread->is_done);
    } while (found[0].revents == 0 || take_over(thread));
    return NULL;
}

long floor_cares_thread(const struct floor_work *work) {
    struct loop_thread thread = {.loop = {.work = work, .socket = {.fd = -1}},
                                 .lock = PTHREAD_MUTEX_INITIALIZER,
                                 .is_done = PTHREAD_COND_INITIALIZER};
    pthread_t loop;
    if (open_wake(thread.wake) < 0 || make_channel(&thread.loop, work->port, ARES_FLAG_IGNTC) != 0 ||
        pthread_create(&loop, NULL, run, &thread) != 0) {
        return -1;
    }
    long addresses = 0;
    floor_start(work->span);
    for (size_t i = 0; i < work->count && addresses >= 0; i++) {
        uint64_t started = nanoseconds();
        hand_over(&thread, started);
        pthread_mutex_lock(&thread.lock);
        while (thread.loop.done <= i) pthread_cond_wait(&thread.is_done, &thread.lock);
        addresses = thread.loop.addresses;
        pthread_mutex_unlock(&thread.lock);
        work->latencies[i] = nanoseconds() - started;
    }
    floor_end(work->span);
    hand_over(&thread, 0);
    pthread_join(loop, NULL);
    ares_destroy(thread.loop.channel);
    close_wake(thread.wake);
    return addresses;
}

uint64_t floor_cares_setup(uint16_t port) {
    struct loop loop = {.socket = {.fd = -1}};
    uint64_t start = nanoseconds();
    int status = make_channel(&loop, port, 0);
    uint64_t time = nanoseconds() - start;
    if (status == 0) ares_destroy(loop.channel);
    return time;
}
