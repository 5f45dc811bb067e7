/*
 * Prints what a process has used so far, as one line of JSON: CPU seconds (user and system), resident memory and its peak in KiB, and for
 * each thread, by its id, CPU seconds and how often it slept or was put off the core.
 * usage: cpu PID
 */
#define _GNU_SOURCE
#include "measure.h"

int main(int argc, char **argv)
{
    if (argc != 2) return fprintf(stderr, "usage: cpu PID\n"), 2;
    int pid = atoi(argv[1]);
    struct cpu c = cpu_of(pid, 0);
    printf("{\"user\":%.3f,\"sys\":%.3f,\"rss_kib\":%ld,\"peak_kib\":%ld,\"threads\":{", c.user, c.system, status_kib(pid, "VmRSS"), status_kib(pid, "VmHWM"));
    print_threads(pid);
    printf("}}\n");
    return 0;
}
