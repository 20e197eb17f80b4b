/* How sessions end, where no shell is needed to see it. */
#include "relay.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>

#include "check.h"
#include "clock.h"

#define SID "9e7b213c-7086-40c1-a5b8-43792f9c8a40"
#define LINE "fifteen letters\r"

static char dir[256];

static struct sr_record *open_record(struct sr_relay_options *o) {
    struct sr_record_options r = {.session_cap_bytes = 1 << 20, .input_reserve_bytes = 1 << 19, .t0_mono_ns = sr_clock_mono_ns()};
    o->t0_mono_ns = r.t0_mono_ns;
    if (sr_shard_open(&r.shard, open(dir, O_RDONLY | O_DIRECTORY), geteuid(), (uid_t)-1, (gid_t)-1, sr_clock_real_ns()) == 0)
        sr_record_create(&o->record, &r, SID);
    return o->record;
}

/* How often `what` stands in the recording. */
static unsigned count_in_shard(struct sr_record *record, const char *what) {
    struct sr_record_anchor a;
    char path[400], line[8192];
    unsigned n = 0;
    sr_record_anchor(record, &a);
    snprintf(path, sizeof path, "%s/%s", dir, a.shard);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f))
        n += strstr(line, what) != NULL;
    if (f)
        fclose(f);
    return n;
}

struct typist {
    int keys, stop;
};

/* Ends the session when nothing more is taken of what was typed. */
static void *stop_when_stuck(void *arg) {
    const struct typist *t = arg;
    int waiting = -1, before;
    do {
        before = waiting;
        usleep(100000);
    } while (ioctl(t->keys, FIONREAD, &waiting) == 0 && waiting != before);
    if (write(t->stop, "x", 1) != 1)
        perror("stop");
    return NULL;
}

static void all_that_was_read_from_the_client_is_recorded_though_the_shell_never_took_it(void) {
    struct sr_relay_options o = {.client_err = -1, .shell_err = -1, .pty = true, .signal_fd = -1, .child = -1};
    struct sr_relay_result result;
    struct typist t;
    char name[SR_PTY_NAME_SIZE];
    int keys[2], stop[2], slave;
    pthread_t thread;
    CHECK(open_record(&o) != NULL && pipe(keys) == 0 && pipe(stop) == 0 && sr_pty_open(&o.shell_in, &slave, name) == 0);
    for (int i = 0; i < 65536 / 16; i++)
        CHECK_INT(write(keys[1], LINE, 16), 16);
    o.client_in = t.keys = keys[0];
    o.client_out = open("/dev/null", O_WRONLY);
    o.shell_out = o.shell_in;
    o.stop_fd = stop[0];
    t.stop = stop[1];
    CHECK(pthread_create(&thread, NULL, stop_when_stuck, &t) == 0);
    CHECK_INT(sr_relay_run(&o, &result), 0);
    pthread_join(thread, NULL);
    CHECK(result.bytes_in > 0 && result.bytes_in < 65536);
    CHECK_INT(count_in_shard(o.record, "\"ch\":\"i\""), result.bytes_in / 16);
    sr_record_destroy(o.record);
    for (int i = 0; i < 2; i++) {
        close(keys[i]);
        close(stop[i]);
    }
    close(o.client_out);
    close(slave);
}

/* A shell whose client has sent everything, and which speaks only when nobody reads its errors any more. */
static void *speak_late(void *arg) {
    const int *shell = arg;
    struct pollfd errors = {.fd = shell[1], .events = 0};
    if (poll(&errors, 1, 2000) != 1 || write(shell[0], "done\n", 5) != 5)
        perror("shell");
    close(shell[0]);
    close(shell[1]);
    return NULL;
}

static void over_pipes_a_lost_reader_of_errors_costs_no_output(void) {
    struct sr_relay_options o = {.signal_fd = -1, .stop_fd = -1, .child = -1};
    struct sr_relay_result result;
    int in[2], out[2], err[2], shell_in[2], shell_out[2], shell_err[2];
    char text[8];
    pthread_t thread;
    CHECK(open_record(&o) != NULL && pipe(in) == 0 && pipe(out) == 0 && pipe(err) == 0);
    CHECK(pipe(shell_in) == 0 && pipe(shell_out) == 0 && pipe(shell_err) == 0);
    close(in[1]);
    close(err[0]);
    o.client_in = in[0], o.client_out = out[1], o.client_err = err[1];
    o.shell_in = shell_in[1], o.shell_out = shell_out[0], o.shell_err = shell_err[0];
    int shell[2] = {shell_out[1], shell_err[1]};
    CHECK(pthread_create(&thread, NULL, speak_late, shell) == 0);
    CHECK_INT(sr_relay_run(&o, &result), 0);
    pthread_join(thread, NULL);
    CHECK_INT(result.reason, SR_REASON_EXIT);
    CHECK_INT(read(out[0], text, sizeof text), 5);
    CHECK_INT(count_in_shard(o.record, "done\\n"), 1);
    sr_record_destroy(o.record);
    close(in[0]);
    close(out[0]);
    close(out[1]);
    close(err[1]);
    close(shell_in[0]);
}

int main(void) {
    signal(SIGPIPE, SIG_IGN);
    check_make_dir(dir, sizeof dir);
    CHECK_RUN(all_that_was_read_from_the_client_is_recorded_though_the_shell_never_took_it);
    CHECK_RUN(over_pipes_a_lost_reader_of_errors_costs_no_output);
    check_remove_dir(dir);
    return check_end();
}
