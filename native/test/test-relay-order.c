#include "relay.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

#include "check.h"
#include "clock.h"

#define SID "9e7b213c-7086-40c1-a5b8-43792f9c8a40"

static char dir[256];

static struct sr_record *open_record(void) {
    struct sr_record_options o = {.session_cap_bytes = 1 << 20, .input_reserve_bytes = 1 << 19, .t0_mono_ns = sr_clock_mono_ns()};
    struct sr_record *r = NULL;
    if (sr_shard_open(&o.shard, open(dir, O_RDONLY | O_DIRECTORY), geteuid(), (uid_t)-1, (gid_t)-1, sr_clock_real_ns()) == 0)
        sr_record_create(&r, &o, SID);
    return r;
}

static bool shard_has(struct sr_record *r, const char *what) {
    struct sr_record_anchor a;
    char path[400], text[4096] = "";
    sr_record_anchor(r, &a);
    snprintf(path, sizeof path, "%s/%s", dir, a.shard);
    int fd = open(path, O_RDONLY);
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    return n > 0 && strstr(text, what) != NULL;
}

/* A shell that reads nothing: its input is full to the last byte. */
static int open_full_pipe(int fds[2]) {
    char junk[4096] = {0};
    if (pipe(fds) < 0 || fcntl(fds[1], F_SETPIPE_SZ, sizeof junk) < 0)
        return -1;
    return write(fds[1], junk, sizeof junk) == (ssize_t)sizeof junk ? 0 : -1;
}

struct client {
    struct sr_record *record;
    int keys[2], stop[2];
    bool recorded; /* while the shell still had not taken it */
};

/* Types one key, looks for it in the shard, and ends the session. */
static void *type_key(void *arg) {
    struct client *c = arg;
    if (write(c->keys[1], "k", 1) != 1)
        perror("key");
    for (int i = 0; i < 2000 && !c->recorded; i++) {
        usleep(1000);
        c->recorded = shard_has(c->record, "\"ch\":\"i\",\"d\":\"k\"}\n");
    }
    if (write(c->stop[1], "x", 1) != 1)
        perror("stop");
    return NULL;
}

static void what_is_typed_is_in_the_shard_before_the_shell_takes_it(void) {
    struct client c = {.record = open_record()};
    struct sr_relay_result result;
    int shell_in[2], shell_out[2], seen[2];
    pthread_t typist;
    CHECK(c.record);
    CHECK_INT(open_full_pipe(shell_in), 0);
    CHECK_INT(pipe(shell_out) | pipe(seen) | pipe(c.keys) | pipe(c.stop), 0);
    const struct sr_relay_options options = {
        .record = c.record,
        .client_in = c.keys[0],
        .client_out = seen[1],
        .client_err = -1,
        .shell_in = shell_in[1],
        .shell_out = shell_out[0],
        .shell_err = -1,
        .signal_fd = -1,
        .stop_fd = c.stop[0],
        .child = -1,
        .t0_mono_ns = sr_clock_mono_ns(),
    };
    CHECK_INT(pthread_create(&typist, NULL, type_key, &c), 0);
    CHECK_INT(sr_relay_run(&options, &result), 0);
    pthread_join(typist, NULL);
    CHECK_INT(result.reason, SR_REASON_TERMINATED);
    CHECK(c.recorded);
    sr_record_destroy(c.record);
    for (int i = 0; i < 2; i++) {
        close(c.keys[i]);
        close(c.stop[i]);
        close(seen[i]);
    }
    close(shell_in[0]);
    close(shell_out[1]);
}

int main(void) {
    check_make_dir(dir, sizeof dir);
    CHECK_RUN(what_is_typed_is_in_the_shard_before_the_shell_takes_it);
    check_remove_dir(dir);
    return check_end();
}
