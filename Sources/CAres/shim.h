#ifndef CLUSTER_DNS_CARES_SHIM_H
#define CLUSTER_DNS_CARES_SHIM_H

#include <ares.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/errqueue.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#endif

/*
 * What the library uses of c-ares, in the subset that 1.18.1 and 1.34 have in common. Later headers only add to it;
 * what they call deprecated (ares_send, ares_set_socket_functions) is called here alone, where the warning is off.
 */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

static inline void shim_send(ares_channel channel, const unsigned char *query, int length, ares_callback callback,
                             void *context) {
    ares_send(channel, query, length, callback, context);
}

static inline void shim_server_address(struct sockaddr *address, ares_socklen_t *length) {
    struct sockaddr_in server;
    if (address == NULL || length == NULL || *length < (ares_socklen_t)sizeof server) {
        return;
    }
    memset(&server, 0, sizeof server);
    server.sin_family = AF_INET;
    server.sin_port = htons(53);
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    memcpy(address, &server, sizeof server);
    *length = (ares_socklen_t)sizeof server;
}

/*
 * A number from 0 to 63 that no other living thread has; -1 where there is none left. It goes back when the thread ends:
 * whoever has it next sees all that was done under it, because taking and giving back order memory. (What is static is
 * so within functions, since Swift makes nothing of a header's own variables.)
 */
enum { shim_unnumbered = -2, shim_no_number = -1 };

static inline int *shim_number(void) {
    static _Thread_local int number = shim_unnumbered;
    return &number;
}

static inline uint64_t *shim_numbers_taken(void) {
    static uint64_t taken;
    return &taken;
}

static inline pthread_key_t *shim_number_key(void) {
    static pthread_key_t key;
    return &key;
}

static inline int *shim_number_key_error(void) {
    static int error = -1;
    return &error;
}

static inline void shim_give_number_back(void *bit) {
    /* Code that still runs while the thread ends does without. */
    *shim_number() = shim_no_number;
    __atomic_and_fetch(shim_numbers_taken(), ~((uint64_t)1 << ((uintptr_t)bit - 1)), __ATOMIC_RELEASE);
}

static inline void shim_make_number_key(void) {
    *shim_number_key_error() = pthread_key_create(shim_number_key(), shim_give_number_back);
}

/* Once in a thread: kept out of the way of the reads that follow. */
__attribute__((noinline, cold)) static int shim_take_number(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    *shim_number() = shim_no_number;
    if (pthread_once(&once, shim_make_number_key) != 0 || *shim_number_key_error() != 0) {
        return shim_no_number;
    }
    uint64_t taken = __atomic_load_n(shim_numbers_taken(), __ATOMIC_RELAXED);
    while (~taken != 0) {
        int number = __builtin_ctzll(~taken);
        uint64_t bit = (uint64_t)1 << number;
        if (!__atomic_compare_exchange_n(shim_numbers_taken(), &taken, taken | bit, 0, __ATOMIC_ACQUIRE,
                                         __ATOMIC_RELAXED)) {
            continue;
        }
        if (pthread_setspecific(*shim_number_key(), (void *)(uintptr_t)(number + 1)) != 0) {
            __atomic_and_fetch(shim_numbers_taken(), ~bit, __ATOMIC_RELEASE);
            return shim_no_number;
        }
        return *shim_number() = number;
    }
    return shim_no_number;
}

static inline int shim_thread_number(void) {
    int number = *shim_number();
    return number == shim_unnumbered ? shim_take_number() : number;
}

static inline int shim_processor_count(void) {
    return (int)sysconf(_SC_NPROCESSORS_ONLN);
}

/* The process' environment, which Swift cannot name. */
extern char **environ;
static inline char **shim_environment(void) {
    return environ;
}

static inline void shim_set_socket_functions(ares_channel channel, const struct ares_socket_functions *functions,
                                             void *context) {
    ares_set_socket_functions(channel, functions, context);
}

/*
 * From 1.32 ares_process_fd also ends the queries that have taken five times as long as others, or 250 ms: an answer that
 * comes late counts all the same. 1.34 has a call that leaves them alone. It is looked for when the program starts, which
 * may meet a later library than the headers that it was built with.
 */
#if ARES_VERSION >= 0x012200
#define shim_fd_events ares_fd_events_t
#if defined(__linux__)
#pragma weak ares_process_fds
#endif
#else
typedef struct {
    ares_socket_t fd;
    unsigned int events;
} shim_fd_events;
#if defined(__linux__)
extern int ares_process_fds(ares_channel channel, const shim_fd_events *events, size_t count, unsigned int flags)
    __attribute__((weak));
#endif
#endif
enum { shim_fd_read = 1, shim_fd_write = 2, shim_skip_timeouts = 1 };

static inline void shim_process(ares_channel channel, ares_socket_t readable, ares_socket_t writable,
                                int keeps_overdue) {
#if defined(__linux__) || ARES_VERSION >= 0x012200
    if (keeps_overdue && ares_process_fds != NULL) {
        shim_fd_events event = {readable != ARES_SOCKET_BAD ? readable : writable, 0};
        event.events = (readable != ARES_SOCKET_BAD ? shim_fd_read : 0) | (writable != ARES_SOCKET_BAD ? shim_fd_write : 0);
        ares_process_fds(channel, &event, 1, shim_skip_timeouts);
        return;
    }
#endif
    ares_process_fd(channel, readable, writable);
}

/*
 * The options as c-ares has them from 1.31 on. Every version has appended to those of the one before, so this is what all
 * of them read, as far as they know it: a program may meet a later library than the headers that it was built with.
 */
struct shim_options {
    int flags, timeout, tries, ndots;
    unsigned short udp_port, tcp_port;
    int socket_send_buffer_size, socket_receive_buffer_size;
    void *servers;
    int nservers;
    char **domains;
    int ndomains;
    char *lookups;
    ares_sock_state_cb sock_state_cb;
    void *sock_state_cb_data;
    void *sortlist;
    int nsort, ednspsz;
    char *resolvconf_path;
    /* Of later versions. */
    char *hosts_path;
    int udp_max_queries, maxtimeout;
    unsigned int qcache_max_ttl;
    char more[64];
};
_Static_assert(sizeof(struct ares_options) <= sizeof(struct shim_options), "c-ares knows options that we do not");

enum { shim_opt_query_cache = 1 << 21 };

/*
 * A channel for one name server: one try, no search list, no hosts file, no resolv.conf. From 1.31 c-ares keeps
 * answers of its own for up to an hour (c-ares #1293), so its cache is turned off; versions without one do not know the
 * option's bit and pass over it.
 *
 * The name server as c-ares sees it is always 127.0.0.1. The real address is known to the socket functions alone, which
 * connect the socket to it, so that the kernel lets in nothing from elsewhere. c-ares 1.18.1 could not reach a
 * link-local IPv6 address, whose interface it does not keep, and 1.34 spells such addresses differently.
 */
static inline int shim_init(ares_channel *channel, int flags, int timeout_ms, int payload_octets,
                            ares_sock_state_cb state_changed, void *context) {
    struct shim_options options;
    struct in_addr server;
    memset(&options, 0, sizeof options);
    server.s_addr = htonl(INADDR_LOOPBACK);
    options.servers = &server;
    options.nservers = 1;
    options.flags = flags;
    options.timeout = timeout_ms;
    options.tries = 1;
    options.ednspsz = payload_octets;
    options.sock_state_cb = state_changed;
    options.sock_state_cb_data = context;
    /* Lookups by DNS alone, and an empty file, keep c-ares away from files it would misread (CVE-2024-25629). 1.18.1 does
     * not even open it, nor ask for the host's name, where it is told everything: so no domains and no order of
     * addresses are given as well, and a number of dots. */
    options.lookups = (char *)"b";
    options.resolvconf_path = (char *)"/dev/null";
    options.ndots = 1;
    return ares_init_options(channel, (struct ares_options *)&options,
                             ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_NDOTS | ARES_OPT_SERVERS |
                                 ARES_OPT_DOMAINS | ARES_OPT_SORTLIST | ARES_OPT_EDNSPSZ | ARES_OPT_SOCK_STATE_CB |
                                 ARES_OPT_LOOKUPS | ARES_OPT_RESOLVCONF | shim_opt_query_cache);
}

/* That of the library that the program runs with, which may be later than its headers: 0x011201 for 1.18.1. */
static inline int shim_library_version(void) {
    int version = 0;
    ares_version(&version);
    return version;
}

/* Status codes, which are macros in 1.18.1 and an enumeration later. */
static const int shim_success = ARES_SUCCESS;
static const int shim_timed_out = ARES_ETIMEOUT;
static const int shim_cancelled = ARES_ECANCELLED;
static const int shim_destroyed = ARES_EDESTRUCTION;
static const int shim_connection_refused = ARES_ECONNREFUSED;
static const int shim_bad_response = ARES_EBADRESP;

#ifdef __linux__
/*
 * Takes what the network has reported of a datagram socket's earlier datagrams (IP_RECVERR) off its queue. The number of
 * the last error, 0 if there is none.
 */
static inline int shim_take_errors(int descriptor) {
    int error = 0;
    for (int count = 0; count < 1024; count++) {
        char control[512];
        struct msghdr message;
        memset(&message, 0, sizeof message);
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        if (recvmsg(descriptor, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) {
            break;
        }
        for (struct cmsghdr *entry = CMSG_FIRSTHDR(&message); entry != NULL; entry = CMSG_NXTHDR(&message, entry)) {
            int is_error = (entry->cmsg_level == IPPROTO_IP && entry->cmsg_type == IP_RECVERR) ||
                           (entry->cmsg_level == IPPROTO_IPV6 && entry->cmsg_type == IPV6_RECVERR);
            struct sock_extended_err found;
            if (is_error && entry->cmsg_len >= CMSG_LEN(sizeof found)) {
                memcpy(&found, CMSG_DATA(entry), sizeof found);
                error = (int)found.ee_errno;
            }
        }
    }
    return error;
}

static inline int shim_eventfd(void) {
    return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

static inline void shim_name_thread(const char *name) {
    prctl(PR_SET_NAME, name, 0, 0, 0);
}
#endif

#pragma GCC diagnostic pop

#endif
