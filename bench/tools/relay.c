/*
 * The limit for forwarded answers: moves datagrams between clients and one upstream, 32 at a time, and swaps ids. It checks nothing,
 * keeps nothing, and has one upstream socket.
 * usage: relay ADDRESS:PORT UPSTREAM:PORT
 */
#define _GNU_SOURCE
#include <poll.h>

#include "dns.h"
#include "net.h"

static struct { struct sockaddr_in client; uint16_t id; } pending[65536];
static struct batch from_clients, from_upstream, to_upstream, to_clients;

static int receive(int fd, struct batch *b)
{
    int n = recvmmsg(fd, b->messages, BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < n; i++) b->messages[i].msg_hdr.msg_namelen = sizeof b->addresses[i];
    return n;
}

int main(int argc, char **argv)
{
    if (argc != 3) return fprintf(stderr, "usage: relay ADDRESS:PORT UPSTREAM:PORT\n"), 2;
    struct sockaddr_in upstream = parse_address(argv[2]);
    int clients = udp_listen(parse_address(argv[1])), up = udp_socket();
    if (connect(up, (struct sockaddr *)&upstream, sizeof upstream) < 0) fail("connect");
    batch_prepare(&from_clients, 1);
    batch_prepare(&from_upstream, 1);
    batch_prepare(&to_upstream, 0);
    batch_prepare(&to_clients, 1);
    uint16_t next = 0;
    struct pollfd ready[2] = { { clients, POLLIN, 0 }, { up, POLLIN, 0 } };
    for (;;) {
        int queries = receive(clients, &from_clients);
        for (int i = 0; i < queries; i++) {
            uint8_t *data = from_clients.data[i];
            pending[++next].client = from_clients.addresses[i];
            pending[next].id = get16(data);
            put16(data, next);
            to_upstream.vectors[i] = (struct iovec){ data, from_clients.messages[i].msg_len };
        }
        if (queries > 0) batch_send(up, to_upstream.messages, queries);

        int answers = receive(up, &from_upstream);
        for (int i = 0; i < answers; i++) {
            uint8_t *data = from_upstream.data[i];
            uint16_t id = get16(data);
            put16(data, pending[id].id);
            to_clients.addresses[i] = pending[id].client;
            to_clients.vectors[i] = (struct iovec){ data, from_upstream.messages[i].msg_len };
        }
        if (answers > 0) batch_send(clients, to_clients.messages, answers);
        if (queries < BATCH && answers < BATCH) poll(ready, 2, -1);
    }
}
