/*
 * Opens TCP connections to a server, asks one question on each, holds them, and prints what they cost the server: octets of resident
 * memory for each after opening, and after the questions were answered. The kernel's own memory is in neither, nor is what the first connections cost once: some
 * are opened, asked on and closed before.
 * usage: connections ADDRESS:PORT COUNT PID
 */
#define _GNU_SOURCE
#include <poll.h>
#include <sys/resource.h>

#include "dns.h"
#include "measure.h"
#include "net.h"

enum { FIRST = 64 };

static int dial(const struct sockaddr_in *server)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)server, sizeof *server) == 0) return fd;
    close(fd);
    return -1;
}

/* One question; whether it was answered within a second. */
static int ask(int fd, int number)
{
    uint8_t query[512] = { 0, 0, 0, 1, 1, 0, 0, 1 };
    uint8_t *end = query + 2 + HEADER;
    end += name_of((uint64_t)number % 1000, end);
    end = put16(put16(end, TYPE_A), 1);
    put16(query, (unsigned)(end - query - 2));
    if (send(fd, query, (size_t)(end - query), MSG_NOSIGNAL) < 0) return 0;
    struct pollfd ready = { fd, POLLIN, 0 };
    uint8_t answer[MAX_MESSAGE];
    return poll(&ready, 1, 1000) == 1 && recv(fd, answer, sizeof answer, 0) > HEADER;
}

int main(int argc, char **argv)
{
    if (argc != 4) return fprintf(stderr, "usage: connections ADDRESS:PORT COUNT PID\n"), 2;
    struct sockaddr_in server = parse_address(argv[1]);
    int count = atoi(argv[2]), pid = atoi(argv[3]), opened = 0, answered = 0, closed = 0;
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    int *fds = malloc((size_t)count * sizeof *fds);
    for (int i = 0; i < FIRST; i++) {
        int fd = dial(&server);
        if (fd >= 0) ask(fd, i), close(fd);
    }
    usleep(500000);
    long before = status_kib(pid, "VmRSS");
    for (; opened < count; opened++) {
        if ((fds[opened] = dial(&server)) < 0) break;
        if (opened % 64 == 63) usleep(2000);
    }
    usleep(1000000);
    long open = status_kib(pid, "VmRSS");
    for (int i = 0; i < opened; i++) answered += ask(fds[i], i);
    usleep(1000000);
    long asked = status_kib(pid, "VmRSS");
    for (int i = 0; i < opened; i++) {
        uint8_t octet;
        if (recv(fds[i], &octet, 1, MSG_DONTWAIT | MSG_PEEK) == 0) closed++;
    }
    double held = opened > 0 ? opened : 1;
    printf("{\"opened\":%d,\"answered\":%d,\"closed\":%d,\"bytes_open\":%.0f,\"bytes_asked\":%.0f,\"rss_kib\":%ld,\"peak_kib\":%ld}\n", opened, answered, closed,
           (double)(open - before) * 1024 / held, (double)(asked - before) * 1024 / held, asked, status_kib(pid, "VmHWM"));
    return 0;
}
