/* Records of both layouts, made here by offset: the system's own <utmp.h> knows only its machine's. */
#include "peer-utmp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>

#include "check.h"
#include "error.h"
#include "fake-proc.h"

#define USER_PROCESS 7
#define LOGIN_PROCESS 6
#define DEAD_PROCESS 8

static const struct sr_peer_utmp_layout *layout;
static uint8_t records[8 * SR_PEER_UTMP_RECORD_SIZE_MAX];
static size_t records_len;
static char address[SR_PEER_ADDR_SIZE];

static void start(void) {
    records_len = 0;
    fake_process(1, "init", 0, "0\t0\t0\t0");
    fake_process(40, "in.telnetd", 1, "0\t0\t0\t0");
    fake_process(50, "login", 40, "0\t0\t0\t0");
    fake_process(60, "login-session", 50, "0\t0\t0\t0");
}

/* Appends a record; `ip` NULL leaves the address zero. Texts are copied without a NUL where they fill their field. */
static uint8_t *record(int type, pid_t pid, const char *line, const char *host, const char *ip) {
    uint8_t *r = records + records_len;
    int16_t type16 = (int16_t)type;
    int32_t pid32 = pid;
    records_len += layout->record_size;
    memset(r, 0, layout->record_size);
    memcpy(r, &type16, sizeof type16);
    memcpy(r + 4, &pid32, sizeof pid32);
    memcpy(r + 8, line, strnlen(line, 32));
    memcpy(r + 44, "root", 4);
    memcpy(r + 76, host, strnlen(host, 256));
    if (ip && !inet_pton(AF_INET, ip, r + layout->address_at) && !inet_pton(AF_INET6, ip, r + layout->address_at))
        printf("    bad address in a test: %s\n", ip);
    return r;
}

static int look_for(const char *line) {
    fake_write("utmp", records, records_len);
    return sr_peer_utmp_read(&fake_paths, layout, line, 60, address);
}

static int look(void) {
    return look_for("pts/3");
}

static void the_record_of_the_line_and_an_ancestor_has_the_address(void) {
    start();
    record(LOGIN_PROCESS, 50, "pts/3", "", "198.51.100.1");
    record(USER_PROCESS, 50, "pts/2", "", "198.51.100.2");
    record(USER_PROCESS, 50, "pts/3", "a.name.example", "203.0.113.9");
    record(USER_PROCESS, 50, "pts/33", "", "198.51.100.3");
    CHECK_INT(look(), 0);
    CHECK_STR(address, "203.0.113.9");
    start();
    record(USER_PROCESS, 60, "pts/3", "", "2001:db8::beef");
    CHECK_INT(look(), 0);
    CHECK_STR(address, "2001:db8::beef");
    start();
    record(USER_PROCESS, 60, "pts/3", "", "::ffff:203.0.113.9");
    CHECK_INT(look(), 0);
    CHECK_STR(address, "203.0.113.9");
}

static void a_stale_record_is_not_ours(void) {
    start();
    record(USER_PROCESS, 59, "pts/3", "", "203.0.113.9"); /* nobody above has that pid */
    record(USER_PROCESS, 0, "pts/3", "", "203.0.113.9");
    record(USER_PROCESS, -1, "pts/3", "", "203.0.113.9");
    record(DEAD_PROCESS, 50, "pts/3", "", "203.0.113.9");
    CHECK_INT(look(), -SR_E_NOT_FOUND);
    CHECK_STR(address, "");
}

static void the_nearest_process_counts_and_of_equals_the_last(void) {
    start();
    record(USER_PROCESS, 60, "pts/3", "", "198.51.100.1");
    record(USER_PROCESS, 60, "pts/3", "", "198.51.100.2");
    record(USER_PROCESS, 50, "pts/3", "", "198.51.100.3");
    CHECK_INT(look(), 0);
    CHECK_STR(address, "198.51.100.2");
}

static void a_host_counts_only_if_it_is_a_numeric_address(void) {
    static const struct {
        const char *host, *want;
    } rows[] = {
        {"203.0.113.9", "203.0.113.9"},
        {"2001:DB8::9", "2001:db8::9"},
        {"fe80::1%eth0", "fe80::1"},
        {"::ffff:203.0.113.9", "203.0.113.9"},
        {"host-203-0-113-9.example", ""},
        {"203.0.113.9.example", ""},
        {"203.0.113.9:0", ""},
        {"203.0.113", ""},
        {"3405803785", ""},
        {"0xcb007109", ""},
        {" 203.0.113.9", ""},
        {"203.0.113.9 ", ""},
        {"0.0.0.0", ""},
        {"::", ""},
        {":0", ""},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        start();
        record(USER_PROCESS, 50, "pts/3", rows[i].host, NULL);
        CHECK_INT(look(), *rows[i].want ? 0 : -SR_E_NOT_FOUND);
        CHECK_STR(address, rows[i].want);
    }
}

static void fields_full_to_the_last_byte_are_not_read_beyond(void) {
    char line[41], host[260];
    memset(line, 'p', sizeof line - 1);
    line[40] = '\0';
    memset(host, '1', sizeof host - 1);
    host[259] = '\0';
    start();
    record(USER_PROCESS, 50, line, host, "203.0.113.9");
    CHECK_INT(look_for(line), -SR_E_NOT_FOUND); /* 40 bytes are no line of 32 */
    line[32] = '\0';
    CHECK_INT(look_for(line), 0);
    line[31] = '\0';
    CHECK_INT(look_for(line), -SR_E_NOT_FOUND);
    start();
    record(USER_PROCESS, 50, "pts/3", host, NULL);
    CHECK_INT(look(), -SR_E_NOT_FOUND);
    /* A full host field runs into what follows: an address that only so would be whole is none. */
    start();
    memset(host, ' ', sizeof host);
    record(USER_PROCESS, 50, "pts/3", host, NULL);
    CHECK_INT(look(), -SR_E_NOT_FOUND);
}

static void an_empty_line_names_no_record(void) {
    start();
    record(USER_PROCESS, 50, "", "", "203.0.113.9");
    CHECK_INT(look_for(""), -SR_E_NOT_FOUND);
    CHECK_INT(look(), -SR_E_NOT_FOUND);
}

static void a_torn_last_record_is_passed_over(void) {
    start();
    record(USER_PROCESS, 50, "pts/3", "", "198.51.100.1");
    record(USER_PROCESS, 60, "pts/3", "", "198.51.100.2");
    size_t whole = records_len;
    for (size_t len = 0; len <= whole; len += 16) {
        records_len = len;
        CHECK_INT(look(), len < layout->record_size ? -SR_E_NOT_FOUND : 0);
        CHECK_STR(address, len < layout->record_size ? "" : len < whole ? "198.51.100.1" : "198.51.100.2");
    }
}

static void only_so_many_records_are_read(void) {
    uint8_t *r;
    char path[200];
    start();
    r = record(USER_PROCESS, 50, "pts/3", "", "203.0.113.9");
    fake_write("utmp", "", 0);
    snprintf(path, sizeof path, "%s/utmp", fake_dir);
    int fd = open(path, O_WRONLY);
    CHECK(pwrite(fd, r, layout->record_size, (off_t)(layout->record_size * (SR_PEER_UTMP_RECORDS_MAX - 1))) > 0);
    CHECK_INT(sr_peer_utmp_read(&fake_paths, layout, "pts/3", 60, address), 0);
    CHECK(ftruncate(fd, 0) == 0);
    CHECK(pwrite(fd, r, layout->record_size, (off_t)(layout->record_size * SR_PEER_UTMP_RECORDS_MAX)) > 0);
    CHECK_INT(sr_peer_utmp_read(&fake_paths, layout, "pts/3", 60, address), -SR_E_NOT_FOUND);
    close(fd);
}

static void a_utmp_that_is_no_file_is_refused_at_once(void) {
    char path[200];
    start();
    snprintf(path, sizeof path, "%s/utmp", fake_dir);
    unlink(path);
    CHECK_INT(sr_peer_utmp_read(&fake_paths, layout, "pts/3", 60, address), -ENOENT);
    CHECK(mkfifo(path, 0600) == 0);
    CHECK_INT(sr_peer_utmp_read(&fake_paths, layout, "pts/3", 60, address), -SR_E_BAD_FILE);
    CHECK(unlink(path) == 0 && symlink("/etc/passwd", path) == 0);
    CHECK_INT(sr_peer_utmp_read(&fake_paths, layout, "pts/3", 60, address), -ELOOP);
    CHECK(unlink(path) == 0);
}

static void noise_is_read_without_harm(void) {
    unsigned seed = 5;
    for (int i = 0; i < 60; i++) {
        start();
        records_len = (size_t)rand_r(&seed) % sizeof records;
        for (size_t j = 0; j < records_len; j++)
            records[j] = (uint8_t)rand_r(&seed);
        CHECK_INT(look(), -SR_E_NOT_FOUND);
    }
}

static void this_machines_layout_is_glibcs(void) {
    char path[SR_PEER_ADDR_SIZE];
#ifdef __aarch64__
    layout = &sr_peer_utmp_400;
#else
    layout = &sr_peer_utmp_384;
#endif
    start();
    record(USER_PROCESS, 50, "pts/3", "", "203.0.113.9");
    fake_write("utmp", records, records_len);
    CHECK_INT(sr_peer_utmp(&fake_paths, "pts/3", 60, path), 0);
    CHECK_STR(path, "203.0.113.9");
}

int main(void) {
    static const struct sr_peer_utmp_layout *const layouts[] = {&sr_peer_utmp_384, &sr_peer_utmp_400};
    fake_make();
    for (int i = 0; i < 2; i++) {
        layout = layouts[i];
        CHECK_RUN(the_record_of_the_line_and_an_ancestor_has_the_address);
        CHECK_RUN(a_stale_record_is_not_ours);
        CHECK_RUN(the_nearest_process_counts_and_of_equals_the_last);
        CHECK_RUN(a_host_counts_only_if_it_is_a_numeric_address);
        CHECK_RUN(fields_full_to_the_last_byte_are_not_read_beyond);
        CHECK_RUN(an_empty_line_names_no_record);
        CHECK_RUN(a_torn_last_record_is_passed_over);
        CHECK_RUN(only_so_many_records_are_read);
        CHECK_RUN(a_utmp_that_is_no_file_is_refused_at_once);
        CHECK_RUN(noise_is_read_without_harm);
    }
    CHECK_RUN(this_machines_layout_is_glibcs);
    fake_remove();
    return check_end();
}
