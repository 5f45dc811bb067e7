/*
 * Prints names for programs that read them from a file.
 * usage: names dnsperf FIRST COUNT    "NAME TYPE" lines, names FIRST, FIRST + 1, ...
 *        names zipf FIRST COUNT       the same, COUNT draws among 10,000 names
 *        names list FIRST COUNT       names alone, which no other workload asks for
 */
#include <stdio.h>
#include <stdlib.h>

#include "dns.h"

static void print(uint64_t number, const char *zone)
{
    uint8_t name[256];
    name_of(number, name);
    for (uint8_t *label = name; *label; label += *label + 1) printf("%.*s.", *label, (const char *)label + 1);
    fputs(zone, stdout);
}

int main(int argc, char **argv)
{
    if (argc != 4) return fprintf(stderr, "usage: names dnsperf|zipf|list FIRST COUNT\n"), 2;
    uint64_t first = strtoull(argv[2], NULL, 10), count = strtoull(argv[3], NULL, 10), state = mix(first + 1) | 1;
    double sum[10000], total = 0;
    for (int i = 0; i < 10000; i++) sum[i] = total += 1.0 / (i + 1);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t number = first + i;
        if (argv[1][0] == 'z') {
            state ^= state << 13, state ^= state >> 7, state ^= state << 17;
            double at = (double)(state >> 11) / 9007199254740992.0 * total;
            int low = 0, high = 9999;
            while (low < high) {
                int middle = (low + high) / 2;
                if (sum[middle] < at) low = middle + 1; else high = middle;
            }
            number = (uint64_t)low;
        }
        print(number, argv[1][0] == 'l' ? "listed.net\n" : "");
        if (argv[1][0] != 'l') puts(type_of(number) == TYPE_AAAA ? " AAAA" : " A");
    }
    return 0;
}
