/*
 * The upstream: answers every query with what dns.h says about its name, over UDP (32 at a time) and TCP, and can misbehave on UDP.
 *
 * usage: responder ADDRESS:PORT [options]
 *   -l PERCENT  loses answers              -d PERCENT  sends answers twice
 *   -r PERCENT  answers 1 to 20 ms later   -L PERCENT  answers 0.3 to 3 s later
 *   -k PERCENT  sends a forged answer first: right id, another name
 *   -t          cuts the answers of 1 name in 256 (TC), which then have to be asked for over TCP
 *   -x N        changes one answer in N, each time in another way, so that a checker can be tested
 */
#define _GNU_SOURCE
#include <poll.h>

#include "dns.h"
#include "net.h"

enum { WHEEL = 4096, MAX_STREAMS = 256, STREAM_BUFFER = 1 << 16 };

struct late { struct late *next; struct sockaddr_in to; int length; uint8_t data[]; };
struct stream { int fd, used; uint8_t *data; };

static double loss, duplicates, reordered, lates, forged;
static int cuts, corrupt_every;
static uint64_t random_state = 88172645463325252u, corrupt_count;
static struct late *wheel[WHEEL];               /* answers to send later, by millisecond */
static uint64_t wheel_now;
static long late_count;
static struct stream streams[MAX_STREAMS];
static struct batch in, out;
static int udp, out_count;

static double chance(void)
{
    random_state ^= random_state << 13, random_state ^= random_state >> 7, random_state ^= random_state << 17;
    return (double)(random_state >> 11) / 9007199254740992.0 * 100;
}

/* Ten ways to be wrong; the checker has to see each of them (the id shows as an answer to nothing). */
static int corrupt(uint8_t *m, int length, int question)
{
    int answers = get16(m + 6), first = HEADER + question;
    switch (corrupt_count++ % 10) {
    case 0: m[1] ^= 1; break;                                               /* id */
    case 1: m[3] ^= 1; break;                                               /* rcode */
    case 2: m[2] ^= 2; break;                                               /* TC */
    case 3: m[3] ^= 0x20; break;                                            /* AD */
    case 4: m[HEADER + 1] ^= 0x20; break;                                   /* letter case, or another digit */
    case 5: m[HEADER + question - 3] ^= 1; break;                           /* QTYPE */
    case 6: if (answers) m[first + 12] ^= 1; else m[3] ^= 1; break;         /* data */
    case 7: if (answers) m[first + 3] ^= 2; else m[3] ^= 1; break;          /* TYPE of a record */
    case 8: if (answers) m[first + 6] = 0x7F; else m[3] ^= 1; break;        /* TTL longer than it was */
    default: if (answers) m[7]--; else m[3] ^= 1; break;                    /* a record less, and octets left over */
    }
    return length;
}

/* Writes the answer to a query. Returns its length, 0 if the query does not deserve one. */
static int answer(const uint8_t *q, int length, uint8_t *m, int over_udp)
{
    if (length < HEADER + 5 || q[2] & 0x80 || get16(q + 4) != 1) return 0;
    int name = name_length(q + HEADER, q + length);
    if (name == 0 || HEADER + name + 4 > length) return 0;
    int question = name + 4, rest = HEADER + question;
    int opt = get16(q + 10) == 1 && length >= rest + 11 && q[rest] == 0 && get16(q + rest + 1) == TYPE_OPT;
    struct truth t = truth_of(q + HEADER, name, get16(q + HEADER + name));
    int cut = cuts && over_udp && is_cut(t);
    memcpy(m, q, (size_t)rest);
    m[2] = (uint8_t)(0x80 | (q[2] & 0x79) | (cut ? 2 : 0));
    m[3] = (uint8_t)(0x80 | (q[3] & 0x10) | t.rcode);
    memset(m + 6, 0, 6);
    uint8_t *p = m + rest;
    if (!cut && t.count > 0) {
        put16(m + 6, t.count);
        for (int i = 0; i < t.count; i++) {
            p = put32(put16(put16(put16(p, 0xC00C), t.type), 1), RECORD_TTL);
            int data = data_of(t, i, p + 2);
            p = put16(p, (unsigned)data) + data;
        }
    } else if (!cut) {                                                      /* NXDOMAIN and NODATA: the SOA of the zone above */
        unsigned above = 0xC000 | (q[HEADER] == 0 ? HEADER : HEADER + 1 + q[HEADER]);
        put16(m + 8, 1);
        p = put32(put16(put16(put16(p, above), TYPE_SOA), 1), NEGATIVE_TTL);
        p = put16(put16(put16(p, 24), above), above);
        p = put32(put32(put32(put32(put32(p, 1), 3600), 600), 86400), NEGATIVE_TTL);
    }
    if (opt) {
        m[11] = 1;
        *p++ = 0;
        p = put16(put32(put16(put16(p, TYPE_OPT), 1232), (uint32_t)(q[rest + 7] & 0x80) << 8), 0);
    }
    int total = (int)(p - m);
    static unsigned count;
    return corrupt_every && ++count % (unsigned)corrupt_every == 0 ? corrupt(m, total, question) : total;
}

static void flush(void)
{
    batch_send(udp, out.messages, out_count);
    out_count = 0;
}

static void send_now(const uint8_t *m, int length, const struct sockaddr_in *to)
{
    memcpy(out.data[out_count], m, (size_t)length);
    out.vectors[out_count].iov_len = (size_t)length;
    out.addresses[out_count] = *to;
    if (++out_count == BATCH) flush();
}

static void send_later(const uint8_t *m, int length, const struct sockaddr_in *to, uint64_t delay)
{
    struct late *item = malloc(sizeof *item + (size_t)length);
    item->to = *to;
    item->length = length;
    memcpy(item->data, m, (size_t)length);
    struct late **slot = &wheel[(wheel_now + 1 + delay) % WHEEL];
    item->next = *slot;
    *slot = item;
    late_count++;
}

static void send_due(void)
{
    for (uint64_t now = now_ns() / 1000000; wheel_now < now; ) {
        struct late **slot = &wheel[++wheel_now % WHEEL];
        while (*slot) {
            struct late *item = *slot;
            *slot = item->next;
            send_now(item->data, item->length, &item->to);
            free(item);
            late_count--;
        }
    }
}

static void send_faulty(uint8_t *m, int length, const struct sockaddr_in *to)
{
    if (chance() < forged) {
        uint8_t other[SLOT];
        memcpy(other, m, (size_t)length);
        other[HEADER + 2] ^= 1;                                             /* a neighbour's name */
        send_now(other, length, to);
    }
    if (chance() < loss) return;
    double dice = chance();
    if (dice < reordered) send_later(m, length, to, 1 + (uint64_t)(chance() / 5));
    else if (dice < reordered + lates) send_later(m, length, to, 300 + (uint64_t)(chance() * 27));
    else send_now(m, length, to);
    if (chance() < duplicates) send_now(m, length, to);
}

static void serve_datagrams(void)
{
    int faulty = loss + duplicates + reordered + lates + forged > 0;
    int n = recvmmsg(udp, in.messages, BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < n; i++) {
        int length;
        if (faulty) {
            uint8_t m[SLOT];
            length = answer(in.data[i], (int)in.messages[i].msg_len, m, 1);
            if (length > 0) send_faulty(m, length, &in.addresses[i]);
        } else if ((length = answer(in.data[i], (int)in.messages[i].msg_len, out.data[out_count], 1)) > 0) {
            out.vectors[out_count].iov_len = (size_t)length;
            out.addresses[out_count++] = in.addresses[i];
        }
        in.messages[i].msg_hdr.msg_namelen = sizeof in.addresses[i];
        if (out_count == BATCH) flush();
    }
}

static void serve_stream(struct stream *s)
{
    static uint8_t answers[1 << 18];
    ssize_t n = recv(s->fd, s->data + s->used, (size_t)(STREAM_BUFFER - s->used), MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN) return;
    int done = 0, filled = 0;
    for (s->used += (int)(n > 0 ? n : 0); n > 0 && s->used - done >= 2; ) {
        int length = get16(s->data + done);
        if (s->used - done < length + 2 || filled > (int)sizeof answers - MAX_MESSAGE) break;
        int written = answer(s->data + done + 2, length, answers + filled + 2, 0);
        if (written > 0) put16(answers + filled, (unsigned)written), filled += written + 2;
        done += length + 2;
    }
    memmove(s->data, s->data + done, (size_t)(s->used -= done));
    if (n <= 0 || (filled > 0 && send(s->fd, answers, (size_t)filled, MSG_NOSIGNAL) != filled)) {
        close(s->fd);
        s->fd = -1;
    }
}

static void accept_stream(int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC), one = 1;
    if (fd < 0) return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    for (int i = 0; i < MAX_STREAMS; i++) {
        if (streams[i].fd >= 0) continue;
        if (!streams[i].data) streams[i].data = malloc(STREAM_BUFFER);
        streams[i].fd = fd;
        streams[i].used = 0;
        return;
    }
    close(fd);
}

int main(int argc, char **argv)
{
    for (int option; (option = getopt(argc, argv, "l:d:r:L:k:tx:")) != -1;) {
        switch (option) {
        case 'l': loss = atof(optarg); break;
        case 'd': duplicates = atof(optarg); break;
        case 'r': reordered = atof(optarg); break;
        case 'L': lates = atof(optarg); break;
        case 'k': forged = atof(optarg); break;
        case 't': cuts = 1; break;
        case 'x': corrupt_every = atoi(optarg); break;
        default: return 2;
        }
    }
    if (optind != argc - 1) return fprintf(stderr, "usage: responder [options] ADDRESS:PORT\n"), 2;
    struct sockaddr_in address = parse_address(argv[optind]);
    udp = udp_listen(address);
    int tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    setsockopt(tcp, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(tcp, (struct sockaddr *)&address, sizeof address) < 0 || listen(tcp, 128) < 0) fail("bind");
    batch_prepare(&in, 1);
    batch_prepare(&out, 1);
    wheel_now = now_ns() / 1000000;
    for (int i = 0; i < MAX_STREAMS; i++) streams[i].fd = -1;
    for (;;) {
        struct pollfd ready[MAX_STREAMS + 2] = { { udp, POLLIN, 0 }, { tcp, POLLIN, 0 } };
        int count = 2, which[MAX_STREAMS + 2];
        for (int i = 0; i < MAX_STREAMS; i++)
            if (streams[i].fd >= 0) which[count] = i, ready[count++] = (struct pollfd){ streams[i].fd, POLLIN, 0 };
        poll(ready, (nfds_t)count, late_count > 0 ? 1 : -1);
        send_due();
        if (ready[0].revents) serve_datagrams();
        if (out_count > 0) flush();
        if (ready[1].revents) accept_stream(tcp);
        for (int i = 2; i < count; i++)
            if (ready[i].revents) serve_stream(&streams[which[i]]);
    }
}
