/*
 * The limit of sockets that move one datagram with each call: an echo, or with an upstream a relay that swaps ids. It asks for nothing twice: it reads until
 * there is nothing, then waits.
 * usage: single ADDRESS:PORT [UPSTREAM:PORT]
 */
#define _GNU_SOURCE
#include <poll.h>

#include "dns.h"
#include "net.h"

static struct { struct sockaddr_in client; uint16_t id; } pending[65536];
static uint8_t data[SLOT];
static int clients, up = -1;
static uint16_t next;

static int take_query(void)
{
    struct sockaddr_in client;
    socklen_t size = sizeof client;
    ssize_t length = recvfrom(clients, data, sizeof data, MSG_DONTWAIT, (struct sockaddr *)&client, &size);
    if (length < HEADER) return length >= 0;
    if (up < 0) {
        data[2] |= 0x80;
        sendto(clients, data, (size_t)length, 0, (struct sockaddr *)&client, size);
    } else {
        pending[++next].client = client;
        pending[next].id = get16(data);
        put16(data, next);
        send(up, data, (size_t)length, 0);
    }
    return 1;
}

static int take_answer(void)
{
    ssize_t length = recv(up, data, sizeof data, MSG_DONTWAIT);
    if (length < HEADER) return length >= 0;
    uint16_t id = get16(data);
    put16(data, pending[id].id);
    sendto(clients, data, (size_t)length, 0, (struct sockaddr *)&pending[id].client, sizeof pending[id].client);
    return 1;
}

int main(int argc, char **argv)
{
    if (argc < 2 || argc > 3) return fprintf(stderr, "usage: single ADDRESS:PORT [UPSTREAM:PORT]\n"), 2;
    clients = udp_listen(parse_address(argv[1]));
    if (argc == 3) {
        struct sockaddr_in upstream = parse_address(argv[2]);
        up = udp_socket();
        if (connect(up, (struct sockaddr *)&upstream, sizeof upstream) < 0) fail("connect");
    }
    struct pollfd ready[2] = { { clients, POLLIN, 0 }, { up, POLLIN, 0 } };
    for (;;) {
        poll(ready, up < 0 ? 1 : 2, -1);
        for (int i = 0; i < BATCH && ready[0].revents && take_query(); i++) { }
        for (int i = 0; i < BATCH && up >= 0 && ready[1].revents && take_answer(); i++) { }
    }
}
