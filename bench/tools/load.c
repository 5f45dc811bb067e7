/*
 * The load generator. Keeps a number of queries outstanding (closed loop) or sends single ones at a rate (-r), over UDP or kept TCP
 * connections (-T), measures what the server spends on them, and prints one line of JSON.
 *
 * usage: load ADDRESS:PORT [options]
 *   -n N          queries outstanding, all together (512)     -m N   source ports (8)
 *   -N NAMES      zipf:COUNT | random:COUNT | once:COUNT (each name once, then ends) | unique | mixed:COUNT:PERCENT (zipf, rest unique)
 *   -S SEED       another seed asks other unique names and uses other flows
 *   -t SECONDS    how long to measure (1)                     -w SECONDS   how long to warm up before (0.3)
 *   -q N          ends after N answers instead
 *   -r RATE       queries per second, single datagrams        -e     with EDNS, 1,232 octets
 *   -F N          N client flows: pairs of source address in 127.0.0.0/8 and source port; 0 = a new one for each query
 *   -T N          N TCP connections instead, queries pipelined
 *   -p PID        the server, to measure its CPU              -C N   the core it is pinned to (0)
 *   -o MS         gives a query up after this (250)           -a N   asks N times before it gives up, as stubs do (1)
 *   -c            compares every answer with what the upstream must have said; letter case and EDNS vary from query to query
 *   -K PID        stops that process (SIGSTOP) after a third of the time, and tells latencies before, in the second after, and later apart
 */
#define _GNU_SOURCE
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>

#include "dns.h"
#include "measure.h"
#include "net.h"

enum { MAX_PORTS = 64, MAX_WINDOW = 4096, CONTROL = CMSG_SPACE(sizeof(struct in_pktinfo)), STREAM = 1 << 18, SEQUENCE = 1 << 20 };

/* One query on its way. Its id holds its place among the port's queries (low bits) and how often the place was used (high bits). */
struct query { uint64_t number, letters, sent; uint32_t address; uint16_t id, type; uint8_t busy, tries, edns; };

struct port {
    int fd, free_count, window, shift;
    uint16_t free[MAX_WINDOW];
    struct query queries[MAX_WINDOW];
    uint8_t *in, *out;                          /* streams: octets read, octets to write */
    int in_used, out_used;
};

static struct port ports[MAX_PORTS];
static struct batch in, out;
static uint8_t controls[BATCH][CONTROL] __attribute__((aligned(8)));
static struct sockaddr_in server;
static int outstanding = 512, port_count = 8, streams, flows = -1, edns, check, core, pid, tries = 1;
static double measure_seconds = 1, warm_seconds = 0.3, rate;
static uint64_t timeout_ns = 250000000, seed = 1, limit;
static uint64_t sent, answered, unanswered, failed, retried, unmatched, reopened, measured;
static uint64_t wrong[9];
static const char *const wrong_names[9] = { "header", "question", "rcode", "flags", "count", "data", "ttl", "negative", "edns" };
static struct histogram latencies, phases[3];   /* of them: answered before the stop, asked or answered in the second after it, asked later */
static int is_measuring, victim;
static uint64_t stop_at;

/* ---- which names ---- */

static enum { ZIPF, RANDOM, ONCE, UNIQUE, MIXED } kind = ZIPF;
static uint64_t name_count = 10000, next_unique, next_once, next_flow, sequence_at;
static int percent = 80;
static uint32_t *sequence;                      /* numbers drawn beforehand */
static uint64_t random_state;

static uint64_t draw(void)
{
    random_state ^= random_state << 13, random_state ^= random_state >> 7, random_state ^= random_state << 17;
    return random_state;
}

static void draw_zipf(void)
{
    double *sum = malloc(name_count * sizeof *sum), total = 0;
    for (uint64_t i = 0; i < name_count; i++) sum[i] = total += 1.0 / (double)(i + 1);
    for (int i = 0; i < SEQUENCE; i++) {
        double at = (double)(draw() >> 11) / 9007199254740992.0 * total;
        uint64_t low = 0, high = name_count - 1;
        while (low < high) {
            uint64_t middle = (low + high) / 2;
            if (sum[middle] < at) low = middle + 1; else high = middle;
        }
        sequence[i] = (uint32_t)low;
    }
    free(sum);
}

static void prepare_names(const char *text)
{
    random_state = mix(seed + 12345) | 1;
    next_unique = (seed + 1) << 32;
    next_flow = seed << 22;
    if (sscanf(text, "mixed:%lu:%d", &name_count, &percent) == 2) kind = MIXED;
    else if (sscanf(text, "zipf:%lu", &name_count) == 1) kind = ZIPF;
    else if (sscanf(text, "random:%lu", &name_count) == 1) kind = RANDOM;
    else if (sscanf(text, "once:%lu", &name_count) == 1) kind = ONCE;
    else if (strcmp(text, "unique") == 0) kind = UNIQUE;
    else fail("%s is no set of names", text);
    sequence = malloc(SEQUENCE * sizeof *sequence);
    if (kind == ZIPF || kind == MIXED) draw_zipf();
    else for (int i = 0; i < SEQUENCE; i++) sequence[i] = (uint32_t)(draw() % name_count);
}

/* The number of the next name; -1 when there is none. */
static int64_t next_number(void)
{
    if (kind == UNIQUE || (kind == MIXED && draw() % 100 >= (uint64_t)percent)) return (int64_t)next_unique++;
    if (kind == ONCE) return next_once < name_count ? (int64_t)next_once++ : -1;
    return sequence[sequence_at++ % SEQUENCE];
}

/* ---- queries ---- */

static int write_query(const struct query *q, uint8_t *m)
{
    memset(m, 0, HEADER);
    put16(m, q->id);
    m[2] = 1;                                                               /* RD */
    m[5] = 1;
    uint8_t *p = m + HEADER;
    p += name_of(q->number, p);
    if (q->letters)
        for (uint8_t *letter = m + HEADER; letter < p; letter++)
            if (*letter >= 'a' && *letter <= 'z' && q->letters >> ((letter - m) % 61) & 1) *letter ^= 0x20;
    p = put16(put16(p, q->type), 1);
    if (q->edns) {
        m[11] = 1;
        *p++ = 0;
        p = put16(put32(put16(put16(p, TYPE_OPT), 1232), 0), 0);
    }
    return (int)(p - m);
}

/* Takes a free place for a new query; NULL when there is no place or no name. */
static struct query *take(struct port *p, uint64_t now)
{
    if (p->free_count == 0) return NULL;
    int64_t number = next_number();
    if (number < 0) return NULL;
    int place = p->free[--p->free_count];
    struct query *q = &p->queries[place];
    q->number = (uint64_t)number;
    q->type = type_of(q->number);
    q->id = (uint16_t)(place | ((q->id >> p->shift) + 1) << p->shift);
    q->letters = check ? draw() : 0;
    q->edns = (uint8_t)(check ? draw() >> 40 & 1 : (uint64_t)edns);
    q->sent = now;
    q->busy = q->tries = 1;
    if (flows >= 0) {
        uint64_t flow = flows == 0 ? next_flow++ : draw() % (uint64_t)((flows + port_count - 1) / port_count);
        q->address = htonl(0x7F000002u + (uint32_t)(flow % 0xFFFFF0));
    }
    sent++;
    return q;
}

static void release(struct port *p, struct query *q)
{
    q->busy = 0;
    p->free[p->free_count++] = (uint16_t)(q - p->queries);
}

/* ---- the checker ---- */

static int is_wrong(int what) { wrong[what]++; return 1; }

/* The data of an answer is a set: the order of its records is the server's business. */
static int is_wrong_data(struct truth t, const uint8_t *m, const uint8_t *p, const uint8_t *end)
{
    unsigned seen = 0;
    for (int i = 0; i < t.count; i++) {
        uint8_t data[16];
        int name = p + 2 <= end && p[0] >= 0xC0 ? 2 : name_length(p, end);
        if (name == 0 || p + name + 10 > end) return is_wrong(5);
        if (name == 2 && get16(p) != 0xC00C) return is_wrong(5);
        if (name > 2 && hash_name(p, name) != t.hash) return is_wrong(5);
        int length = get16(p + name + 8), match = -1;
        if (get16(p + name) != t.type || get16(p + name + 2) != 1 || p + name + 10 + length > end) return is_wrong(5);
        if (get32(p + name + 4) > RECORD_TTL) return is_wrong(6);
        for (int k = 0; k < t.count && match < 0; k++)
            if (!(seen >> k & 1) && data_of(t, k, data) == length && memcmp(data, p + name + 10, (size_t)length) == 0) match = k;
        if (match < 0) return is_wrong(5);
        seen |= 1u << match;
        p += name + 10 + length;
    }
    int opt = p < end && get16(m + 10) == 1;
    if (!opt) return p != end ? is_wrong(4) : 0;
    return p + 11 > end || *p != 0 || get16(p + 1) != TYPE_OPT || p + 11 + get16(p + 9) != end ? is_wrong(8) : 0;
}

/* Counts what is wrong with an answer, if anything is. */
static int look_closely(const struct query *q, const uint8_t *m, int length)
{
    uint8_t asked[512];
    int asked_length = write_query(q, asked), name = name_length(asked + HEADER, asked + asked_length), rest = HEADER + name + 4;
    struct truth t = truth_of(asked + HEADER, name, q->type);
    if (length < rest || get16(m + 4) != 1) return is_wrong(0);
    if (memcmp(m + HEADER, asked + HEADER, (size_t)(name + 4)) != 0) return is_wrong(1);        /* letter case, too */
    if ((m[3] & 15) != t.rcode) return is_wrong(2);
    if (m[2] != 0x81 || (m[3] & 0xF0) != 0x80) return is_wrong(3);                              /* QR RD, RA; no AA TC AD CD */
    if (get16(m + 6) != t.count || get16(m + 10) != q->edns) return is_wrong(4);
    if (t.count > 0) return get16(m + 8) != 0 ? is_wrong(4) : is_wrong_data(t, m, m + rest, m + length);
    if (get16(m + 8) != 1) return is_wrong(7);
    const uint8_t *p = m + rest;                                                                /* a negative answer has the zone's SOA */
    int owner = p[0] >= 0xC0 ? 2 : name_length(p, m + length);
    if (owner == 0 || p + owner + 10 > m + length || get16(p + owner) != TYPE_SOA || get32(p + owner + 4) > NEGATIVE_TTL) return is_wrong(7);
    return 0;
}

/* ---- answers ---- */

static void take_answer(struct port *p, const uint8_t *m, int length, uint64_t now)
{
    if (length < HEADER) { unmatched++; return; }
    uint16_t id = get16(m);
    struct query *q = &p->queries[id & ((1 << p->shift) - 1)];
    if ((id & ((1 << p->shift) - 1)) >= p->window || !q->busy || q->id != id || !(m[2] & 0x80)) { unmatched++; return; }
    int rcode = m[3] & 15;
    if (rcode == SERVFAIL || rcode == REFUSED) {
        failed++;
        if (check && q->tries < tries) return;                              /* a stub asks again, at its time-out */
    } else {
        answered++;
        if (check) look_closely(q, m, length);
    }
    if (is_measuring) {
        record(&latencies, now - q->sent);
        record(&phases[now <= stop_at ? 0 : q->sent < stop_at + 1000000000 ? 1 : 2], now - q->sent);
    }
    release(p, q);
}

static int receive(struct port *p)
{
    int n = recvmmsg(p->fd, in.messages, BATCH, MSG_DONTWAIT, NULL);
    uint64_t now = n > 0 ? now_ns() : 0;
    for (int i = 0; i < n; i++) take_answer(p, in.data[i], (int)in.messages[i].msg_len, now);
    return n > 0 ? n : 0;
}

static void put_query(struct query *q, int i)
{
    out.vectors[i].iov_len = (size_t)write_query(q, out.data[i]);
    if (flows < 0) return;
    struct cmsghdr *control = (struct cmsghdr *)controls[i];
    struct in_pktinfo info = { .ipi_spec_dst.s_addr = q->address };
    memcpy(CMSG_DATA(control), &info, sizeof info);
}

static int send_queries(struct port *p, int most, uint64_t now)
{
    int n = 0;
    for (struct query *q; n < most && (q = take(p, now)) != NULL; n++) put_query(q, n);
    if (n > 0) batch_send(p->fd, out.messages, n);
    return n;
}

/* Gives up, or asks again, what has waited too long. */
static void look_for_lost(uint64_t now)
{
    for (int i = 0; i < port_count; i++) {
        for (int place = 0; place < ports[i].window; place++) {
            struct query *q = &ports[i].queries[place];
            if (!q->busy || now - q->sent < timeout_ns) continue;
            if (q->tries++ < tries && !streams) {
                retried++;
                q->sent = now;
                put_query(q, 0);
                batch_send(ports[i].fd, out.messages, 1);
            } else {
                unanswered++;
                release(&ports[i], q);
            }
        }
    }
}

/* ---- streams ---- */

static void connect_stream(struct port *p)
{
    int one = 1;
    p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(p->fd, (struct sockaddr *)&server, sizeof server) < 0) fail("connect");
}

/* Some servers close after so many questions; those that were not answered are asked no more, and not held against anybody. */
static void reopen_stream(struct port *p)
{
    close(p->fd);
    p->in_used = p->out_used = 0;
    for (int place = 0; place < p->window; place++)
        if (p->queries[place].busy) release(p, &p->queries[place]);
    connect_stream(p);
    reopened++;
}

static void fill_stream(struct port *p, uint64_t now)
{
    struct query *q;
    while (p->out_used < STREAM - MAX_MESSAGE && (q = take(p, now)) != NULL) {
        int length = write_query(q, p->out + p->out_used + 2);
        put16(p->out + p->out_used, (unsigned)length);
        p->out_used += length + 2;
    }
    ssize_t n = p->out_used > 0 ? send(p->fd, p->out, (size_t)p->out_used, MSG_DONTWAIT | MSG_NOSIGNAL) : 0;
    if (n < 0 && errno != EAGAIN) reopen_stream(p);
    if (n > 0) memmove(p->out, p->out + n, (size_t)(p->out_used -= (int)n));
}

static int receive_stream(struct port *p)
{
    ssize_t n = recv(p->fd, p->in + p->in_used, (size_t)(STREAM - p->in_used), MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN)) reopen_stream(p);
    if (n <= 0) return 0;
    int done = 0, count = 0;
    uint64_t now = now_ns();
    for (p->in_used += (int)n; p->in_used - done >= 2 && p->in_used - done >= 2 + get16(p->in + done); count++) {
        int length = get16(p->in + done);
        take_answer(p, p->in + done + 2, length, now);
        done += length + 2;
    }
    memmove(p->in, p->in + done, (size_t)(p->in_used -= done));
    return count;
}

/* ---- the loops ---- */

static void open_ports(void)
{
    if (streams) port_count = streams;
    if (port_count > MAX_PORTS) port_count = MAX_PORTS;
    for (int i = 0; i < port_count; i++) {
        struct port *p = &ports[i];
        p->window = outstanding / port_count > 0 ? outstanding / port_count : 1;
        if (p->window > MAX_WINDOW) p->window = MAX_WINDOW;
        while (1 << p->shift < p->window) p->shift++;
        for (int place = p->window - 1; place >= 0; place--) {
            p->free[p->free_count++] = (uint16_t)place;
            p->queries[place].id = (uint16_t)draw();
        }
        if (streams) {
            p->in = malloc(STREAM), p->out = malloc(STREAM);
            connect_stream(p);
        } else {
            p->fd = udp_socket();
        }
        if (!streams && flows < 0 && connect(p->fd, (struct sockaddr *)&server, sizeof server) < 0) fail("connect");
        if (flows >= 0) {
            struct sockaddr_in any = { .sin_family = AF_INET };
            if (bind(p->fd, (struct sockaddr *)&any, sizeof any) < 0) fail("bind");
        }
    }
    batch_prepare(&in, 0);
    batch_prepare(&out, flows >= 0);
    for (int i = 0; i < BATCH && flows >= 0; i++) {
        out.addresses[i] = server;
        *(struct cmsghdr *)controls[i] = (struct cmsghdr){ CMSG_LEN(sizeof(struct in_pktinfo)), IPPROTO_IP, IP_PKTINFO };
        out.messages[i].msg_hdr.msg_control = controls[i];
        out.messages[i].msg_hdr.msg_controllen = CONTROL;
    }
}

static int is_drained(void)
{
    for (int i = 0; i < port_count; i++)
        if (ports[i].free_count < ports[i].window) return 0;
    return 1;
}

/* Sends and receives until the deadline, the limit, or the end of the names. */
static void run(uint64_t deadline)
{
    struct pollfd ready[MAX_PORTS];
    uint64_t now = now_ns(), next_look = now, interval = rate > 0 ? (uint64_t)(1e9 / rate) : 0, due = now;
    for (int turn = 0; now < deadline && (limit == 0 || answered < limit); now = now_ns()) {
        int moved = 0;
        if (victim > 0 && is_measuring && now >= stop_at) {
            if (kill(victim, SIGSTOP) < 0) fail("kill");
            stop_at = now;
            victim = -victim;                                               /* once */
        }
        for (int i = 0; i < port_count; i++) moved += streams ? receive_stream(&ports[i]) : receive(&ports[i]);
        if (rate > 0) {                                                     /* paced: one datagram at a time, from port to port */
            for (now = now_ns(); due <= now; due += interval, moved++)
                if (!send_queries(&ports[turn++ % port_count], 1, now)) unanswered++;
        } else {
            for (int i = 0; i < port_count; i++) {
                if (streams) fill_stream(&ports[i], now);
                else for (int n; ports[i].free_count > 0 && (n = send_queries(&ports[i], BATCH, now)) > 0;) moved += n;
            }
        }
        if (now >= next_look) {
            look_for_lost(now);
            next_look = now + 20000000;
            if (kind == ONCE && next_once == name_count && is_drained()) return;
        }
        if (moved == 0) {
            uint64_t wait = rate > 0 ? (due > now ? due - now : 0) : 5000000;
            struct timespec t = { 0, (long)(wait < 5000000 ? wait : 5000000) };
            for (int i = 0; i < port_count; i++) ready[i] = (struct pollfd){ ports[i].fd, POLLIN, 0 };
            ppoll(ready, (nfds_t)port_count, &t, NULL);
        }
    }
}

/* Nothing new is asked; what is on its way may still be answered. */
static void drain(void)
{
    name_count = next_once = 0;
    kind = ONCE;
    for (uint64_t now = now_ns(), end = now + timeout_ns * (uint64_t)tries + 50000000; now < end && !is_drained(); now = now_ns()) {
        for (int i = 0; i < port_count; i++)
            while (receive(&ports[i]) > 0) { }
        look_for_lost(now);
        usleep(1000);
    }
}

static void report(struct cpu a, struct cpu b, double seconds)
{
    double n = measured > 0 ? (double)measured : 1, split = b.user - a.user + b.system - a.system;
    double busy = b.core_busy - a.core_busy, idle = b.core_idle - a.core_idle, steal = b.core_steal - a.core_steal, all = busy + idle + steal;
    double used = used_between(a, b), us = used / n * 1e6, user = split > 0 ? us * (b.user - a.user) / split : 0;
    uint64_t over = answered + failed + unanswered;
    printf("{\"answered\":%lu,\"percent\":%.3f,\"unanswered\":%lu,\"failed\":%lu,\"retried\":%lu,\"unmatched\":%lu,\"reopened\":%lu,", measured,
           over > 0 ? 100.0 * (double)answered / (double)over : 0, unanswered, failed, retried, unmatched, reopened);
    printf("\"seconds\":%.3f,\"qps\":%.0f,\"us\":%.3f,\"user\":%.3f,\"sys\":%.3f,\"p50\":%.1f,\"p99\":%.1f,", seconds, n / seconds, us, user,
           us - user, quantile(&latencies, 0.5), quantile(&latencies, 0.99));
    printf("\"idle\":%.3f,\"steal\":%.3f,\"others\":%.3f,\"peak_kib\":%ld", all > 0 ? idle / all : 0, all > 0 ? steal / all : 0,
           all > 0 && busy > used ? (busy - used) / all : 0, status_kib(pid, "VmHWM"));
    if (victim)
        printf(",\"p99_before\":%.1f,\"p99_second\":%.1f,\"p99_later\":%.1f,\"asked_later\":%lu", quantile(&phases[0], 0.99), quantile(&phases[1], 0.99),
               quantile(&phases[2], 0.99), phases[2].total);
    if (check) {
        uint64_t total = 0;
        printf(",\"wrong_kinds\":{");
        for (int i = 0; i < 9; i++) total += wrong[i], printf("%s\"%s\":%lu", i ? "," : "", wrong_names[i], wrong[i]);
        printf("},\"wrong\":%lu", total);
    }
    printf("}\n");
}

int main(int argc, char **argv)
{
    const char *names = "zipf:10000";
    for (int option; (option = getopt(argc, argv, "n:m:N:S:t:w:q:r:eF:T:p:C:o:a:cK:")) != -1;) {
        switch (option) {
        case 'n': outstanding = atoi(optarg); break;
        case 'm': port_count = atoi(optarg); break;
        case 'N': names = optarg; break;
        case 'S': seed = strtoull(optarg, NULL, 10); break;
        case 't': measure_seconds = atof(optarg); break;
        case 'w': warm_seconds = atof(optarg); break;
        case 'q': limit = strtoull(optarg, NULL, 10); break;
        case 'r': rate = atof(optarg); break;
        case 'e': edns = 1; break;
        case 'F': flows = atoi(optarg); break;
        case 'T': streams = atoi(optarg); break;
        case 'p': pid = atoi(optarg); break;
        case 'C': core = atoi(optarg); break;
        case 'o': timeout_ns = strtoull(optarg, NULL, 10) * 1000000; break;
        case 'a': tries = atoi(optarg); break;
        case 'c': check = 1; break;
        case 'K': victim = atoi(optarg); break;
        default: return 2;
        }
    }
    if (optind != argc - 1) return fprintf(stderr, "usage: load [options] ADDRESS:PORT\n"), 2;
    server = parse_address(argv[optind]);
    prctl(PR_SET_TIMERSLACK, 1);
    prepare_names(names);
    open_ports();
    uint64_t start = now_ns();
    if (kind == ONCE || limit > 0) {
        is_measuring = 1;
        struct cpu a = cpu_of(pid, core);
        run(UINT64_MAX);
        if (!streams) drain();
        measured = answered;
        report(a, cpu_of(pid, core), (double)(now_ns() - start) / 1e9);
        return 0;
    }
    run(start + (uint64_t)(warm_seconds * 1e9));
    unanswered = failed = retried = unmatched = 0;
    answered = 0;
    is_measuring = 1;
    struct cpu a = cpu_of(pid, core);
    start = now_ns();
    stop_at = start + (uint64_t)(measure_seconds / 3 * 1e9);
    run(start + (uint64_t)(measure_seconds * 1e9));
    struct cpu b = cpu_of(pid, core);
    double seconds = (double)(now_ns() - start) / 1e9;
    measured = answered;
    if (rate > 0) drain();
    report(a, b, seconds);
    return 0;
}
