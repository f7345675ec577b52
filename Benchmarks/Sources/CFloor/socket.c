#define _GNU_SOURCE
#include "floor.h"
#include "clocks.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { MOST_IN_FLIGHT = 64, QUERY_ROOM = 300, ANSWER_ROOM = 1232 };

struct query {
    uint16_t length;
    unsigned char octets[QUERY_ROOM];
};

/* A query for the A records of a name (RFC 1035 section 4.1), its identifier left zero. */
static int write_query(struct query *query, const char *name) {
    static const unsigned char header[12] = {0, 0, 1, 0, 0, 1};
    unsigned char *to = query->octets;
    memcpy(to, header, sizeof header);
    to += sizeof header;
    if (strlen(name) > 253) return -1;
    while (*name != '\0') {
        size_t length = strcspn(name, ".");
        *to++ = (unsigned char)length;
        memcpy(to, name, length);
        to += length;
        name += length + (name[length] == '.');
    }
    memcpy(to, "\0\0\1\0\1", 5);
    query->length = (uint16_t)(to + 5 - query->octets);
    return 0;
}

static int connected_socket(uint16_t port) {
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(port)};
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct timeval patience = {.tv_sec = 2};
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(descriptor, (struct sockaddr *)&server, sizeof server) == 0) return descriptor;
    close(descriptor);
    return -1;
}

long floor_socket(const struct floor_work *work) {
    size_t room = work->in_flight < MOST_IN_FLIGHT ? work->in_flight : MOST_IN_FLIGHT;
    struct query *queries = calloc(work->count, sizeof *queries);
    uint64_t *started = work->latencies;
    for (size_t i = 0; i < work->count; i++) {
        if (write_query(&queries[i], work->names[i]) != 0) return -1;
    }
    static unsigned char answers[MOST_IN_FLIGHT][ANSWER_ROOM];
    struct mmsghdr out[MOST_IN_FLIGHT], in[MOST_IN_FLIGHT];
    struct iovec out_parts[MOST_IN_FLIGHT], in_parts[MOST_IN_FLIGHT];
    memset(out, 0, sizeof out);
    memset(in, 0, sizeof in);
    for (size_t i = 0; i < MOST_IN_FLIGHT; i++) {
        out[i].msg_hdr.msg_iov = &out_parts[i];
        out[i].msg_hdr.msg_iovlen = 1;
        in_parts[i] = (struct iovec){.iov_base = answers[i], .iov_len = ANSWER_ROOM};
        in[i].msg_hdr.msg_iov = &in_parts[i];
        in[i].msg_hdr.msg_iovlen = 1;
    }

    int descriptor = connected_socket(work->port);
    size_t sent = 0, done = 0;
    long addresses = descriptor < 0 ? -1 : 0;
    floor_start(work->span);
    while (addresses >= 0 && done < work->count) {
        /* The identifier is the query's place, so many of them as are never under way at once. */
        unsigned batch = 0;
        uint64_t now = nanoseconds();
        while (sent < work->count && sent - done < room) {
            struct query *query = &queries[sent];
            query->octets[0] = (unsigned char)(sent >> 8);
            query->octets[1] = (unsigned char)sent;
            out_parts[batch] = (struct iovec){.iov_base = query->octets, .iov_len = query->length};
            started[sent++] = now;
            batch++;
        }
        if (batch > 0 && sendmmsg(descriptor, out, batch, 0) != (int)batch) addresses = -1;
        int received = recvmmsg(descriptor, in, (unsigned)(sent - done), MSG_WAITFORONE, NULL);
        if (received <= 0) addresses = -1;
        now = nanoseconds();
        for (int i = 0; i < received && addresses >= 0; i++) {
            unsigned char *answer = answers[i];
            size_t low = (size_t)answer[0] << 8 | answer[1];
            size_t index = (sent & ~(size_t)0xFFFF) | low;
            if (index >= sent) index -= 0x10000;
            started[index] = now - started[index];
            addresses += answer[6] << 8 | answer[7];
            done++;
        }
    }
    floor_end(work->span);
    if (descriptor >= 0) close(descriptor);
    free(queries);
    return addresses;
}
