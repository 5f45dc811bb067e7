/*
 * What the load generator and the upstream responder agree on. A name is a pure function of its number, and an answer is a pure function
 * of name and type, so the generator knows what each answer must be without asking anybody.
 */
#ifndef BENCH_DNS_H
#define BENCH_DNS_H

#include <stdint.h>
#include <string.h>

enum { HEADER = 12, MAX_MESSAGE = 1500, TYPE_A = 1, TYPE_SOA = 6, TYPE_AAAA = 28, TYPE_OPT = 41, RECORD_TTL = 3600, NEGATIVE_TTL = 300 };
enum { NOERROR = 0, SERVFAIL = 2, NXDOMAIN = 3, REFUSED = 5 };

static inline uint16_t get16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }
static inline uint32_t get32(const uint8_t *p) { return (uint32_t)get16(p) << 16 | get16(p + 2); }
static inline uint8_t *put16(uint8_t *p, unsigned v) { p[0] = (uint8_t)(v >> 8); p[1] = (uint8_t)v; return p + 2; }
static inline uint8_t *put32(uint8_t *p, uint32_t v) { return put16(put16(p, v >> 16), v & 0xFFFF); }

/* splitmix64's finaliser. */
static inline uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
}

/* The wire name of a number below 2^48, 31 to 36 octets: [pad]HHHHHHHHHHHH.zHH.dnsbench.net. Lower case. Returns its length. */
static inline int name_of(uint64_t number, uint8_t *out)
{
    static const char hex[] = "0123456789abcdef";
    uint8_t *p = out;
    unsigned pad = (unsigned)(mix(number) % 6);
    *p++ = (uint8_t)(12 + pad);
    memcpy(p, "hostname", pad);
    p += pad;
    for (int shift = 44; shift >= 0; shift -= 4) *p++ = (uint8_t)hex[number >> shift & 15];
    *p++ = 3;
    *p++ = 'z';
    *p++ = (uint8_t)hex[number >> 4 & 15];
    *p++ = (uint8_t)hex[number & 15];
    memcpy(p, "\x08" "dnsbench" "\x03" "net", 14);      /* with the final zero */
    return (int)(p + 14 - out);
}

/* Most names are asked for A, every fifth for AAAA. */
static inline uint16_t type_of(uint64_t number) { return mix(number + 77) % 5 == 0 ? TYPE_AAAA : TYPE_A; }

/* A hash that is blind to letter case. */
static inline uint64_t hash_name(const uint8_t *name, int length)
{
    uint64_t h = (uint64_t)length;
    for (; length > 0; name += 8, length -= 8) {
        uint64_t word = 0;
        memcpy(&word, name, length < 8 ? (size_t)length : 8);
        h = mix(h + 0x9E3779B97F4A7C15u + (word | 0x2020202020202020u));
    }
    return h;
}

/* The length of the name at p, final zero counted; 0 if it is not a plain name that ends before end. */
static inline int name_length(const uint8_t *p, const uint8_t *end)
{
    const uint8_t *start = p;
    while (p < end && *p != 0) {
        if (*p > 63) return 0;
        p += *p + 1;
    }
    return p < end && p - start < 255 ? (int)(p + 1 - start) : 0;
}

/* What the upstream says about a name. */
struct truth { uint64_t hash; uint16_t type; uint8_t rcode; uint8_t count; };

static inline struct truth truth_of(const uint8_t *name, int length, uint16_t type)
{
    struct truth t = { hash_name(name, length), type, NOERROR, 0 };
    uint64_t h = mix(t.hash + type);
    if ((t.hash & 15) == 0) t.rcode = NXDOMAIN;                                             /* 1 name in 16, for all types */
    else if ((type == TYPE_A || type == TYPE_AAAA) && (h & 31) != 1) t.count = (uint8_t)(1 + (h >> 8) % 8);     /* else NODATA */
    return t;
}

/* Names whose answers the upstream cuts over UDP when it is told to. */
static inline int is_cut(struct truth t) { return (t.hash >> 16) % 256 == 0; }

/* The data of record number i. Returns its length. */
static inline int data_of(struct truth t, int i, uint8_t *out)
{
    uint64_t a = mix(t.hash + (uint64_t)t.type * 31 + (uint64_t)i * 1009), b = mix(a);
    memcpy(out, &a, 8);
    memcpy(out + 8, &b, 8);
    if (t.type == TYPE_A) {
        out[0] = (uint8_t)(11 + out[0] % 80);           /* public addresses: a server may filter the others */
        return 4;
    }
    out[0] = 0x2A;
    out[1] = 0;
    return 16;
}

#endif
