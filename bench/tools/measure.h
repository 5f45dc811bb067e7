/* What the kernel says about the server: CPU time of its threads, who else had its core, memory; and a histogram for latencies. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <dirent.h>

#include "net.h"

/* CPU seconds of a process, and of the core it is pinned to. */
struct cpu { double total, user, system; double core_busy, core_idle, core_steal; };

static inline double ticks(unsigned long long t) { return (double)t / (double)sysconf(_SC_CLK_TCK); }

/* Adds the threads of a process, and its children: some servers have one for each connection. */
static inline void add_process(struct cpu *c, int pid)
{
    char path[600], line[1024];
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    DIR *tasks = opendir(path);
    for (struct dirent *task; tasks && (task = readdir(tasks)) != NULL;) {          /* nanoseconds per thread */
        if (task->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "/proc/%d/task/%s/schedstat", pid, task->d_name);
        FILE *f = fopen(path, "r");
        unsigned long long ns;
        if (f && fscanf(f, "%llu", &ns) == 1) c->total += (double)ns / 1e9;
        if (f) fclose(f);
        snprintf(path, sizeof path, "/proc/%d/task/%s/children", pid, task->d_name);
        f = fopen(path, "r");
        for (int child; f && fscanf(f, "%d", &child) == 1;) add_process(c, child);
        if (f) fclose(f);
    }
    if (tasks) closedir(tasks);
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *f = fopen(path, "r");
    if (f && fgets(line, sizeof line, f)) {                                         /* ticks, to split user from system */
        unsigned long long user, system;
        char *after = strrchr(line, ')');
        if (after && sscanf(after + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user, &system) == 2)
            c->user += ticks(user), c->system += ticks(system);
    }
    if (f) fclose(f);
}

static inline struct cpu cpu_of(int pid, int core)
{
    struct cpu c = { 0 };
    char path[64], line[1024];
    if (pid > 0) add_process(&c, pid);
    FILE *f;
    f = fopen("/proc/stat", "r");
    snprintf(path, sizeof path, "cpu%d ", core);
    while (f && fgets(line, sizeof line, f)) {
        unsigned long long user, nice, system, idle, wait, irq, softirq, steal;
        if (strncmp(line, path, strlen(path)) != 0) continue;
        if (sscanf(line + strlen(path), "%llu %llu %llu %llu %llu %llu %llu %llu", &user, &nice, &system, &idle, &wait, &irq, &softirq, &steal) == 8) {
            c.core_busy = ticks(user + nice + system + irq + softirq);
            c.core_idle = ticks(idle + wait);
            c.core_steal = ticks(steal);
        }
    }
    if (f) fclose(f);
    return c;
}

/*
 * What was used between two moments. Threads count in nanoseconds, but those that ended in between are missing; the process counts in ticks,
 * with all its threads. So the former, unless it is off by more than the ticks are.
 */
static inline double used_between(struct cpu a, struct cpu b)
{
    double fine = b.total - a.total, coarse = b.user + b.system - a.user - a.system;
    return fine > coarse - 0.03 && fine < coarse + 0.03 ? fine : coarse;
}

/* A line of /proc/PID/status, in KiB: VmHWM is the peak of resident memory, VmRSS what is resident. */
static inline long status_kib(int pid, const char *key)
{
    char path[64], line[256];
    long value = 0;
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *f = pid > 0 ? fopen(path, "r") : NULL;
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, key, strlen(key)) == 0 && line[strlen(key)] == ':') value = atol(line + strlen(key) + 1);
    if (f) fclose(f);
    return value;
}

/* "ID":[CPU seconds, context switches] for each thread. */
static inline void print_threads(int pid)
{
    char path[600], line[256];
    int count = 0;
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    DIR *tasks = opendir(path);
    for (struct dirent *task; tasks && (task = readdir(tasks)) != NULL;) {
        if (task->d_name[0] == '.') continue;
        unsigned long long ns = 0;
        long switches = 0;
        snprintf(path, sizeof path, "/proc/%d/task/%s/schedstat", pid, task->d_name);
        FILE *f = fopen(path, "r");
        if (f && fscanf(f, "%llu", &ns) != 1) ns = 0;
        if (f) fclose(f);
        snprintf(path, sizeof path, "/proc/%d/task/%s/status", pid, task->d_name);
        f = fopen(path, "r");
        while (f && fgets(line, sizeof line, f)) {
            char *value = strstr(line, "voluntary_ctxt_switches:");                 /* and nonvoluntary_ */
            if (value) switches += atol(value + strlen("voluntary_ctxt_switches:"));
        }
        if (f) fclose(f);
        printf("%s\"%s\":[%.9f,%ld]", count++ ? "," : "", task->d_name, (double)ns / 1e9, switches);
    }
    if (tasks) closedir(tasks);
}

/* Latencies in nanoseconds: 32 buckets for each power of two, so about 3 % wide. */
struct histogram { uint64_t count[64 * 32], total; };

static inline void record(struct histogram *h, uint64_t ns)
{
    if (ns < 32) ns = 32;
    int power = 63 - __builtin_clzll(ns);
    h->count[power * 32 + (int)(ns >> (power - 5) & 31)]++;
    h->total++;
}

/* In microseconds. */
static inline double quantile(const struct histogram *h, double q)
{
    uint64_t rank = (uint64_t)(q * (double)h->total), seen = 0;
    for (int i = 0; i < 64 * 32; i++) {
        seen += h->count[i];
        if (seen > rank) return (double)((32ull + (uint64_t)(i & 31)) << (i / 32 - 5)) / 1000;
    }
    return 0;
}

#endif
