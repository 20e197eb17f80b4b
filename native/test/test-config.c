#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "check.h"
#include "error.h"

static struct sr_config config;
static struct sr_config_faults faults;

static void parse_bytes(const char *text, size_t len) {
    /* An exact copy: the sanitizer sees every read past the end. */
    char *copy = malloc(len ? len : 1);
    memcpy(copy, text, len);
    sr_config_defaults(&config);
    faults = (struct sr_config_faults){0};
    sr_config_parse(&config, copy, len, &faults);
    free(copy);
}

static void parse(const char *text) {
    parse_bytes(text, strlen(text));
}

static bool only_fault(unsigned line, const char *key, const char *reason) {
    bool as_wanted = faults.count == 1 && faults.fault[0].line == line && strcmp(faults.fault[0].key, key) == 0 &&
                     strcmp(faults.fault[0].reason, reason) == 0;
    if (!as_wanted)
        printf("    %u faults; first: line %u, key \"%s\", %s\n", faults.count, faults.fault[0].line, faults.fault[0].key,
               faults.count ? faults.fault[0].reason : "");
    return as_wanted;
}

static void without_a_file_the_built_in_settings_hold(void) {
    char host[SR_CONFIG_TEXT_SIZE] = "";
    parse("");
    gethostname(host, sizeof host - 1);
    CHECK_STR(config.transcripts_dir, "/var/lib/systemd/coredump/transcripts");
    CHECK_STR(config.log_path, "/proc/1/fd/1");
    CHECK_STR(config.host, host);
    CHECK_STR(config.service, "ssh");
    CHECK_STR(config.shell, "/bin/bash");
    CHECK_STR(config.disguise, "");
    CHECK_INT(config.session_cap_bytes, 10485760);
    CHECK_INT(config.input_reserve_bytes, 1048576);
    CHECK_INT(config.min_free_bytes, 209715200);
    CHECK_INT(config.max_day_bytes, 0);
    CHECK_INT(config.checkpoint_s, 300);
    CHECK_INT(faults.count, 0);
}

static void every_key_can_be_set(void) {
    parse("# a comment\n"
          "\n"
          "transcripts_dir=/a/b c\n"
          " \tlog_path =\t/dev/null \n"
          "host=web=01\r\n"
          "service=telnet-2\n"
          "shell=/bin/sh\n"
          "disguise=sshd: {user} [priv]\n"
          "session_cap_bytes=2M\n"
          "input_reserve_bytes=3K\n"
          "min_free_bytes=1G\n"
          "max_day_bytes=18446744073709551615\n"
          "checkpoint_s=0"); /* no LF at the end */
    CHECK_INT(faults.count, 0);
    CHECK_STR(config.transcripts_dir, "/a/b c");
    CHECK_STR(config.log_path, "/dev/null");
    CHECK_STR(config.host, "web=01");
    CHECK_STR(config.service, "telnet-2");
    CHECK_STR(config.shell, "/bin/sh");
    CHECK_STR(config.disguise, "sshd: {user} [priv]");
    CHECK_INT(config.session_cap_bytes, 2097152);
    CHECK_INT(config.input_reserve_bytes, 3072);
    CHECK_INT(config.min_free_bytes, 1073741824);
    CHECK(config.max_day_bytes == UINT64_MAX);
    CHECK_INT(config.checkpoint_s, 0);
}

static void a_bad_line_leaves_its_value_and_says_what_is_wrong(void) {
    static const struct {
        const char *text, *key, *reason;
    } rows[] = {
        {"\nsession_cap_byte=1\n", "session_cap_byte", "unknown key"},
        {"\nSERVICE=ssh\n", "SERVICE", "unknown key"},
        {"\n=1\n", "", "unknown key"},
        {"\nshell /bin/sh\n", "shell /bin/sh", "no = sign"},
        {"\nshell=sh\n", "shell", "not absolute"},
        {"\nshell=\n", "shell", "empty"},
        {"\nhost=\n", "host", "empty"},
        {"\nhost=a\x1b[31m\n", "host", "control character"},
        {"\nservice=SSH\n", "service", "not of a-z, 0-9 and -"},
        {"\nservice=ssh.1\n", "service", "not of a-z, 0-9 and -"},
        {"\nservice=abcdefghijklmnop\n", "service", "too long"},
        {"\nsession_cap_bytes=\n", "session_cap_bytes", "not a number"},
        {"\nsession_cap_bytes=M\n", "session_cap_bytes", "not a number"},
        {"\nsession_cap_bytes=-1\n", "session_cap_bytes", "not a number"},
        {"\nsession_cap_bytes=+1\n", "session_cap_bytes", "not a number"},
        {"\nsession_cap_bytes=0x10\n", "session_cap_bytes", "not a number"},
        {"\nsession_cap_bytes=1 M\n", "session_cap_bytes", "not a number"},
        {"\nsession_cap_bytes=1MB\n", "session_cap_bytes", "not a number"},
        {"\nsession_cap_bytes=1m\n", "session_cap_bytes", "not a number"},
        {"\nsession_cap_bytes=18446744073709551616\n", "session_cap_bytes", "too large"},
        {"\nsession_cap_bytes=17179869184G\n", "session_cap_bytes", "too large"},
        {"\ncheckpoint_s=1K\n", "checkpoint_s", "not a number"},
        {"\nk23456789012345678901234567890123456789=1\n", "k234567890123456789012345678901", "unknown key"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sr_config before;
        parse("");
        before = config;
        parse(rows[i].text);
        CHECK(only_fault(2, rows[i].key, rows[i].reason));
        CHECK(memcmp(&before, &config, sizeof config) == 0);
    }
}

static void the_longest_text_fits_and_one_more_byte_is_too_long(void) {
    char text[600] = "shell=/";
    memset(text + 7, 'x', SR_CONFIG_TEXT_SIZE - 2);
    parse(text);
    CHECK_INT(faults.count, 0);
    CHECK_INT(strlen(config.shell), SR_CONFIG_TEXT_SIZE - 1);
    strcat(text, "x");
    parse(text);
    CHECK(only_fault(1, "shell", "too long"));
    CHECK_STR(config.shell, "/bin/bash");
}

static void the_last_of_two_lines_counts_unless_it_is_bad(void) {
    parse("host=a-long-name\nhost=b\n");
    CHECK_STR(config.host, "b");
    parse("host=a\nhost=\n");
    CHECK_STR(config.host, "a");
    CHECK(only_fault(2, "host", "empty"));
    parse("disguise=x\ndisguise=\n");
    CHECK_STR(config.disguise, "");
    CHECK_INT(faults.count, 0);
}

static void a_nul_byte_spoils_only_its_line(void) {
    static const char text[] = "host=a\0b\nser\0vice=x\n\0\nservice=telnet\n";
    parse_bytes(text, sizeof text - 1);
    CHECK_INT(faults.count, 3);
    CHECK_STR(faults.fault[0].reason, "control character");
    CHECK_STR(faults.fault[1].key, "ser?vice");
    CHECK_STR(faults.fault[2].reason, "no = sign");
    CHECK_STR(config.service, "telnet");
}

static void a_reserve_above_the_cap_becomes_its_tenth(void) {
    parse("input_reserve_bytes=3M\nsession_cap_bytes=2M\n");
    CHECK(only_fault(1, "input_reserve_bytes", "above session_cap_bytes"));
    CHECK_INT(config.input_reserve_bytes, 209715);
    parse("session_cap_bytes=100K\n"); /* nobody asked for the reserve: no fault */
    CHECK_INT(faults.count, 0);
    CHECK_INT(config.input_reserve_bytes, 10240);
    parse("input_reserve_bytes=2M\nsession_cap_bytes=2M\n");
    CHECK_INT(faults.count, 0);
    CHECK_INT(config.input_reserve_bytes, 2097152);
}

static void faults_beyond_the_list_are_counted(void) {
    char text[100 * 8] = "";
    for (int i = 0; i < 100; i++)
        strcat(text, "bad=1\n");
    parse(text);
    CHECK_INT(faults.count, 100);
    CHECK_INT(faults.fault[SR_CONFIG_FAULTS_MAX - 1].line, SR_CONFIG_FAULTS_MAX);
}

static void any_bytes_are_taken_without_harm(void) {
    unsigned seed = 3;
    static const char words[] = "=\n\r\0#KMG shelhotservice_bytsn0123456789/\x80\xff";
    for (int i = 0; i < 20000; i++) {
        char text[200];
        size_t len = (size_t)rand_r(&seed) % sizeof text;
        for (size_t j = 0; j < len; j++)
            text[j] = words[(size_t)rand_r(&seed) % (sizeof words - 1)];
        parse_bytes(text, len);
        CHECK(config.shell[0] == '/' && strlen(config.host) < sizeof config.host);
    }
}

/* Files. */

static char dir[256], path[300];

static void write_file(const char *text, size_t len, mode_t mode) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || write(fd, text, len) != (ssize_t)len || fchmod(fd, mode) < 0)
        printf("    could not write %s\n", path);
    close(fd);
}

static int load(uid_t owner) {
    sr_config_defaults(&config);
    faults = (struct sr_config_faults){0};
    return sr_config_load(&config, path, owner, &faults);
}

static void a_file_of_its_owner_is_read(void) {
    write_file("service=telnet\n", 15, 0644);
    CHECK_INT(load(getuid()), 0);
    CHECK_INT(faults.count, 0);
    CHECK_STR(config.service, "telnet");
    write_file("", 0, 0600);
    CHECK_INT(load(getuid()), 0);
    CHECK_STR(config.service, "ssh");
}

static void no_file_is_no_fault(void) {
    unlink(path);
    CHECK_INT(load(getuid()), -ENOENT);
    CHECK_INT(faults.count, 0);
}

static void a_file_that_others_could_have_written_is_not_believed(void) {
    write_file("service=telnet\n", 15, 0664);
    CHECK_INT(load(getuid()), -SR_E_BAD_FILE);
    CHECK(only_fault(0, "", "writable by group or others"));
    CHECK_STR(config.service, "ssh");
    write_file("service=telnet\n", 15, 0646);
    CHECK_INT(load(getuid()), -SR_E_BAD_FILE);
    if (getuid() != 0)
        CHECK_SKIP("only root can give a file away");
    write_file("service=telnet\n", 15, 0644);
    CHECK(chown(path, 1000, 1000) == 0);
    CHECK_INT(load(0), -SR_E_BAD_FILE);
    CHECK(only_fault(0, "", "not owned by root"));
    CHECK_INT(load(1001), -SR_E_BAD_FILE);
    CHECK_INT(load(1000), 0);
    CHECK(chown(path, 0, 0) == 0);
    CHECK_INT(load(1000), 0); /* root's is good for anybody */
}

static void a_name_that_is_no_regular_file_is_refused_at_once(void) {
    char other[320];
    snprintf(other, sizeof other, "%s-target", path);
    write_file("service=telnet\n", 15, 0644);
    CHECK(rename(path, other) == 0 && symlink(other, path) == 0);
    CHECK_INT(load(getuid()), -ELOOP);
    CHECK(only_fault(0, "", "a symbolic link"));
    CHECK(unlink(path) == 0 && mkfifo(path, 0600) == 0);
    CHECK_INT(load(getuid()), -SR_E_BAD_FILE);
    CHECK(only_fault(0, "", "not a regular file"));
    CHECK(unlink(path) == 0 && mkdir(path, 0700) == 0);
    CHECK_INT(load(getuid()), -SR_E_BAD_FILE);
    CHECK(rmdir(path) == 0);
    CHECK_STR(config.service, "ssh");
}

static void a_huge_file_is_refused_and_the_largest_allowed_is_read(void) {
    static char text[SR_CONFIG_FILE_MAX + 1];
    memset(text, '\n', sizeof text);
    memcpy(text + SR_CONFIG_FILE_MAX - 15, "service=telnet\n", 15);
    write_file(text, SR_CONFIG_FILE_MAX, 0600);
    CHECK_INT(load(getuid()), 0);
    CHECK_STR(config.service, "telnet");
    write_file(text, SR_CONFIG_FILE_MAX + 1, 0600);
    CHECK_INT(load(getuid()), -SR_E_BAD_FILE);
    CHECK(only_fault(0, "", "too large"));
    CHECK_STR(config.service, "ssh");
}

int main(void) {
    CHECK_RUN(without_a_file_the_built_in_settings_hold);
    CHECK_RUN(every_key_can_be_set);
    CHECK_RUN(a_bad_line_leaves_its_value_and_says_what_is_wrong);
    CHECK_RUN(the_longest_text_fits_and_one_more_byte_is_too_long);
    CHECK_RUN(the_last_of_two_lines_counts_unless_it_is_bad);
    CHECK_RUN(a_nul_byte_spoils_only_its_line);
    CHECK_RUN(a_reserve_above_the_cap_becomes_its_tenth);
    CHECK_RUN(faults_beyond_the_list_are_counted);
    CHECK_RUN(any_bytes_are_taken_without_harm);
    check_make_dir(dir, sizeof dir);
    snprintf(path, sizeof path, "%s/login-session.conf", dir);
    CHECK_RUN(a_file_of_its_owner_is_read);
    CHECK_RUN(no_file_is_no_fault);
    CHECK_RUN(a_file_that_others_could_have_written_is_not_believed);
    CHECK_RUN(a_name_that_is_no_regular_file_is_refused_at_once);
    CHECK_RUN(a_huge_file_is_refused_and_the_largest_allowed_is_read);
    check_remove_dir(dir);
    return check_end();
}
