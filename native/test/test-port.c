/* A port gives nobody more than the descriptor it was made from. */
#include "port.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/stat.h>

#include "check.h"

static void what_a_descriptor_is_not_open_for_its_port_is_not_either(void) {
    static const struct {
        int flags, mode;
    } cases[] = {
        {O_PATH, O_RDONLY},
        {O_PATH, O_WRONLY},
        {O_RDONLY, O_WRONLY},
        {O_WRONLY, O_RDONLY},
    };
    char dir[128], path[160];
    check_make_dir(dir, sizeof dir);
    snprintf(path, sizeof path, "%s/fifo", dir);
    CHECK(mkfifo(path, 0600) == 0);
    int both = open(path, O_RDWR | O_NONBLOCK);
    CHECK_INT(write(both, "secret", 6), 6);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[8];
        struct sr_port p;
        int fd = open(path, cases[i].flags | O_NONBLOCK);
        CHECK(fd >= 0);
        sr_port_open(&p, fd, cases[i].mode);
        if (cases[i].mode == O_RDONLY)
            CHECK_INT(sr_port_read(&p, text, sizeof text), -EBADF);
        else
            CHECK_INT(sr_port_write(&p, "forged", 6), -EBADF);
        sr_port_close(&p);
        close(fd);
    }
    close(both);
    check_remove_dir(dir);
}

static void a_pipe_never_makes_its_port_wait_and_keeps_its_own_flags(void) {
    int pipes[2];
    struct sr_port in, out;
    char text[8];
    CHECK(pipe(pipes) == 0);
    sr_port_open(&in, pipes[0], O_RDONLY);
    sr_port_open(&out, pipes[1], O_WRONLY);
    CHECK_INT(sr_port_read(&in, text, sizeof text), -EAGAIN);
    CHECK_INT(fcntl(pipes[0], F_GETFL) & O_NONBLOCK, 0);
    CHECK_INT(fcntl(pipes[1], F_GETFL) & O_NONBLOCK, 0);
    CHECK_INT(sr_port_write(&out, "key", 3), 3);
    CHECK_INT(sr_port_read(&in, text, sizeof text), 3);
    sr_port_close(&in);
    sr_port_close(&out);
    close(pipes[0]);
    close(pipes[1]);
}

static void another_file_that_could_make_its_reader_wait_does_not_and_is_given_back_as_it_was(void) {
    struct sr_port p;
    char count[8];
    int fd = eventfd(0, 0);
    sr_port_open(&p, fd, O_RDONLY);
    CHECK(fcntl(fd, F_GETFL) & O_NONBLOCK); /* before the read, which would wait for ever */
    CHECK_INT(sr_port_read(&p, count, sizeof count), -EAGAIN);
    sr_port_close(&p);
    CHECK_INT(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
    close(fd);
}

int main(void) {
    CHECK_RUN(what_a_descriptor_is_not_open_for_its_port_is_not_either);
    CHECK_RUN(a_pipe_never_makes_its_port_wait_and_keeps_its_own_flags);
    CHECK_RUN(another_file_that_could_make_its_reader_wait_does_not_and_is_given_back_as_it_was);
    return check_end();
}
