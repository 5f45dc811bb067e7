/*
 * The limit for cached answers: sends each datagram back with its QR bit set, 32 at a time. No DNS work, one blocking call per batch.
 * usage: echo ADDRESS:PORT
 */
#define _GNU_SOURCE
#include "net.h"

static struct batch b;

int main(int argc, char **argv)
{
    if (argc != 2) return fprintf(stderr, "usage: echo ADDRESS:PORT\n"), 2;
    int fd = udp_listen(parse_address(argv[1]));
    batch_prepare(&b, 1);
    for (;;) {
        int n = recvmmsg(fd, b.messages, BATCH, MSG_WAITFORONE, NULL);
        for (int i = 0; i < n; i++) {
            b.vectors[i].iov_len = b.messages[i].msg_len;
            b.data[i][2] |= 0x80;
        }
        batch_send(fd, b.messages, n);
        for (int i = 0; i < n; i++) {
            b.vectors[i].iov_len = SLOT;
            b.messages[i].msg_hdr.msg_namelen = sizeof b.addresses[i];
        }
    }
}
