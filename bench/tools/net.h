/* Sockets, batches, time and errors: what all the tools need. */
#ifndef BENCH_NET_H
#define BENCH_NET_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 32, SLOT = 2048 };

static inline void fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, ": %s\n", strerror(errno));
    exit(1);
}

static inline uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* 127.0.0.1:53 */
static inline struct sockaddr_in parse_address(const char *text)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    char host[64];
    int port;
    if (sscanf(text, "%63[0-9.]:%d", host, &port) != 2 || inet_pton(AF_INET, host, &address.sin_addr) != 1) {
        fprintf(stderr, "%s is not ADDRESS:PORT\n", text);
        exit(2);
    }
    address.sin_port = htons((uint16_t)port);
    return address;
}

static inline int udp_socket(void)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), size = 4 << 20;
    if (fd < 0) fail("socket");
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    return fd;
}

static inline int udp_listen(struct sockaddr_in address)
{
    int fd = udp_socket();
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0) fail("bind to port %d", ntohs(address.sin_port));
    return fd;
}

/* 32 datagrams with their addresses. Prepare it once; reset a slot before the kernel fills it. */
struct batch {
    struct mmsghdr messages[BATCH];
    struct iovec vectors[BATCH];
    struct sockaddr_in addresses[BATCH];
    uint8_t data[BATCH][SLOT];
};

static inline void batch_prepare(struct batch *b, int with_address)
{
    memset(b, 0, sizeof *b);
    for (int i = 0; i < BATCH; i++) {
        b->vectors[i] = (struct iovec){ b->data[i], SLOT };
        b->messages[i].msg_hdr.msg_iov = &b->vectors[i];
        b->messages[i].msg_hdr.msg_iovlen = 1;
        if (with_address) {
            b->messages[i].msg_hdr.msg_name = &b->addresses[i];
            b->messages[i].msg_hdr.msg_namelen = sizeof b->addresses[i];
        }
    }
}

/* Sends the first n; a datagram that cannot be sent is dropped and does not cost the others. */
static inline void batch_send(int fd, struct mmsghdr *messages, int n)
{
    for (int done = 0; done < n;) {
        int sent = sendmmsg(fd, messages + done, (unsigned)(n - done), 0);
        if (sent < 0 && errno == EINTR) continue;
        done += sent > 0 ? sent : 1;
    }
}

#endif
