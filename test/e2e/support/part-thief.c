/* Tries, as fast as it can, to have a part open for writing without O_APPEND: part-thief DIR NAME... Says "ready", then
 * "has INODE" for every file that it got so, and keeps all of them open until its stdin ends. With a NAME that begins with '+'
 * it makes the file where there is none. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HELD_MAX 4096
static ino_t held[HELD_MAX];
static unsigned held_count;

static void got(int fd) {
    struct stat st;
    fstat(fd, &st);
    for (unsigned i = 0; i < held_count; i++)
        if (held[i] == st.st_ino) {
            close(fd);
            return;
        }
    if (held_count < HELD_MAX)
        held[held_count++] = st.st_ino;
    printf("has %lu\n", (unsigned long)st.st_ino);
    fflush(stdout);
}

int main(int argc, char **argv) {
    char path[64];
    int fd, again;
    if (argc < 3 || chdir(argv[1]) < 0)
        return 2;
    puts("ready");
    fflush(stdout);
    for (unsigned round = 0;; round++) {
        if (round % 1024 == 0) {
            struct pollfd in = {.fd = 0, .events = POLLIN};
            if (poll(&in, 1, 0) > 0)
                return 0;
        }
        for (int i = 2; i < argc; i++) {
            int make = argv[i][0] == '+';
            const char *name = argv[i] + make;
            fd = open(name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | (make ? O_CREAT : 0), 0640);
            if (fd >= 0)
                got(fd);
            /* By the way of a descriptor that anybody may have. */
            fd = open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
            if (fd < 0)
                continue;
            snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
            again = open(path, O_RDWR);
            if (again >= 0)
                got(again);
            close(fd);
        }
    }
}
