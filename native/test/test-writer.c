#include "writer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>

#include "check.h"
#include "clock.h"

#define SID "9e7b213c-7086-40c1-a5b8-43792f9c8a40"
#define KEYS 20

/* A full pipe stands for a disk that has stopped: write() into it hangs until somebody reads. */
struct stalled {
    struct sr_record *record;
    int disk;               /* the pipe's other end */
    atomic_bool typed;      /* the relay has done all that it does, disk or no disk */
    int64_t slowest_key_ns; /* that a key was held back */
    char text[32768];
    size_t len;
};

static int make_stalled(struct stalled *s) {
    struct sr_record_options o = {.session_cap_bytes = 1 << 20, .input_reserve_bytes = 1 << 19, .t0_mono_ns = sr_clock_mono_ns()};
    int fds[2];
    char junk[4096];
    memset(s, 0, sizeof *s);
    memset(junk, '\n', sizeof junk);
    if (pipe(fds) < 0 || fcntl(fds[1], F_SETPIPE_SZ, 4096) < 0 || write(fds[1], junk, sizeof junk) != (ssize_t)sizeof junk)
        return -errno;
    s->disk = fds[0];
    o.shard = (struct sr_shard){.fd = fds[1], .dir_fd = open("/proc/self", O_RDONLY | O_DIRECTORY), .name = "pipe"};
    sr_clock_day(sr_clock_real_ns(), o.shard.day);
    return sr_record_create(&s->record, &o, SID);
}

/* What a relay does that goes on without its disk: keys, then the end. */
static void type_on(void *arg) {
    struct stalled *s = arg;
    const struct sr_event_end end = {.reason = "exit"};
    for (int i = 0; i < KEYS; i++) {
        char key = (char)('a' + i);
        int64_t before = sr_clock_mono_ns(), took;
        if (sr_record_data(s->record, i, SR_CH_IN, (const uint8_t *)&key, 1, false) != 0)
            return;
        took = sr_clock_mono_ns() - before;
        if (took > s->slowest_key_ns)
            s->slowest_key_ns = took;
    }
    sr_record_end(s->record, 99, &end);
    atomic_store(&s->typed, true);
}

/* The disk comes back once everything was typed without it, and not before. */
static void *read_disk(void *arg) {
    struct stalled *s = arg;
    ssize_t n;
    while (!atomic_load(&s->typed))
        poll(NULL, 0, 1);
    while ((n = read(s->disk, s->text + s->len, sizeof s->text - 1 - s->len)) > 0)
        s->len += (size_t)n;
    return NULL;
}

static void a_disk_that_stops_hands_the_relay_on_and_loses_nothing(void) {
    static struct stalled s;
    pthread_t reader;
    CHECK_INT(make_stalled(&s), 0);
    CHECK_INT(sr_record_guard(s.record, type_on, &s), 0);
    CHECK_INT(pthread_create(&reader, NULL, read_disk, &s), 0);
    /* Would never return if this thread had to write first: nobody reads before everything is typed. 1 = somebody else is the
     * relay. */
    CHECK_INT(sr_record_data(s.record, 0, SR_CH_OUT, (const uint8_t *)"first", 5, false), 1);
    sr_record_unguard(s.record);
    sr_record_destroy(s.record);
    pthread_join(reader, NULL);
    close(s.disk);
    const char *at = strstr(s.text, "\"d\":\"first\"");
    CHECK(at != NULL);
    for (int i = 0; i < KEYS; i++) {
        char want[16];
        snprintf(want, sizeof want, "\"d\":\"%c\"", 'a' + i);
        at = strstr(at + 1, want);
        CHECK(at != NULL); /* all of them, in order */
    }
    CHECK(strstr(at, "\"lines\":21,"));
}

static void a_disk_that_keeps_up_never_hands_over(void) {
    static struct stalled s;
    pthread_t reader;
    CHECK_INT(make_stalled(&s), 0);
    atomic_store(&s.typed, true); /* the reader reads from the start */
    CHECK_INT(pthread_create(&reader, NULL, read_disk, &s), 0);
    CHECK_INT(sr_record_guard(s.record, type_on, &s), 0);
    for (int i = 0; i < 200; i++)
        CHECK_INT(sr_record_data(s.record, i, SR_CH_IN, (const uint8_t *)"k", 1, false), 0);
    sr_record_unguard(s.record);
    sr_record_destroy(s.record);
    pthread_join(reader, NULL);
    close(s.disk);
    CHECK_INT(s.slowest_key_ns, 0); /* type_on never ran */
}

int main(void) {
    CHECK_RUN(a_disk_that_stops_hands_the_relay_on_and_loses_nothing);
    CHECK_RUN(a_disk_that_keeps_up_never_hands_over);
    return check_end();
}
