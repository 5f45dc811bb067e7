/*
 * Starts a server, asks it once a millisecond until it answers, writes the milliseconds from exec to the answer to a file, and stops it.
 * usage: first ADDRESS:PORT local|forwarded FILE COMMAND...      local asks for localhost, forwarded for a name the upstream knows
 */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "dns.h"
#include "net.h"

int main(int argc, char **argv)
{
    if (argc < 5) return fprintf(stderr, "usage: first ADDRESS:PORT local|forwarded FILE COMMAND...\n"), 2;
    struct sockaddr_in server = parse_address(argv[1]);
    uint8_t query[512] = { 0, 1, 1, 0, 0, 1 }, answer[SLOT];
    uint8_t *p = query + HEADER;
    if (strcmp(argv[2], "local") == 0) memcpy(p, "\x09localhost", 11), p += 11;
    else p += name_of(1, p);
    p = put16(put16(p, TYPE_A), 1);

    uint64_t start = now_ns(), end = 0;
    pid_t child = fork();
    if (child == 0) {
        execvp(argv[4], argv + 4);
        fail("exec %s", argv[4]);
    }
    int fd = udp_socket();
    if (connect(fd, (struct sockaddr *)&server, sizeof server) < 0) fail("connect");
    while (end == 0 && now_ns() - start < 20000000000u && waitpid(child, NULL, WNOHANG) == 0) {
        send(fd, query, (size_t)(p - query), 0);
        struct pollfd ready = { fd, POLLIN, 0 };
        poll(&ready, 1, 1);
        ssize_t n = recv(fd, answer, sizeof answer, MSG_DONTWAIT);
        if (n >= HEADER && answer[2] & 0x80 && ((answer[3] & 15) == NOERROR || (answer[3] & 15) == NXDOMAIN)) end = now_ns();
        else if (n < 0) usleep(500);
    }
    FILE *f = fopen(argv[3], "w");
    if (!f) fail("%s", argv[3]);
    fprintf(f, "%.1f\n", end ? (double)(end - start) / 1e6 : -1.0);
    fclose(f);
    kill(child, SIGTERM);
    for (int i = 0; i < 300 && waitpid(child, NULL, WNOHANG) == 0; i++) usleep(10000);
    kill(child, SIGKILL);
    return 0;
}
