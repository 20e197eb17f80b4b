/* Which of the three sources is believed, and when. The tables and records they come from have tests of their own. */
#include "peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "check.h"
#include "error.h"
#include "fake-proc.h"
#include "loopback.h"

#define CONNECTION "203.0.113.9 40000 192.0.2.7 22"
/* The same as the kernel's words; the socket is 555, of the uid in the third place. */
#define TABLE(uid)                                                                                                               \
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"                         \
    "   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 400 1\n"                         \
    "   1: 070200C0:0016 097100CB:9C40 01 00000000:00000000 02:0000A000 00000000 " uid "        0 555 4\n"
#define ROOT "0\t0\t0\t0"
#define USER "1000\t1000\t1000\t1000"
#define NOBODY "65534\t65534\t65534\t65534"

/* A login of uid 1000: login-session 30, its sshd 20, the root half 10 that holds the connection, the listener 5, init. */
static void a_login(void) {
    fake_text("net/tcp", TABLE("    0"));
    fake_text("net/tcp6", "");
    fake_process(1, "init", 0, ROOT);
    fake_process(5, "sshd", 1, ROOT);
    fake_fd(5, 3, "socket:[400]");
    fake_process(10, "sshd", 5, ROOT);
    fake_hide_fds(10, 0755);
    fake_fd(10, 0, "/dev/null");
    fake_fd(10, 4, "socket:[555]");
    fake_process(20, "sshd", 10, USER);
    fake_fd(20, 4, "socket:[555]");
    fake_process(30, "login-session", 20, ROOT);
}

static int holds(void) {
    struct sr_peer_ssh conn;
    return sr_peer_parse_ssh(CONNECTION, &conn) == 0 ? sr_peer_ssh_holds(&fake_paths, &conn, 30) : -1;
}

static void ssh_connection_is_four_numeric_words(void) {
    struct sr_peer_ssh conn;
    CHECK_INT(sr_peer_parse_ssh(CONNECTION, &conn), 0);
    CHECK_STR(conn.client, "203.0.113.9");
    CHECK_INT(conn.client_port, 40000);
    CHECK_STR(conn.server, "192.0.2.7");
    CHECK_INT(conn.server_port, 22);
    CHECK_INT(sr_peer_parse_ssh("fe80::1%eth0 65535 2001:DB8:0:0::1 1", &conn), 0);
    CHECK_STR(conn.client, "fe80::1");
    CHECK_STR(conn.server, "2001:db8::1");
    CHECK_INT(sr_peer_parse_ssh("::ffff:203.0.113.9 1 ::1 2", &conn), 0);
    CHECK_STR(conn.client, "203.0.113.9");
}

static void anything_else_in_ssh_connection_is_refused(void) {
    static const char *const bad[] = {
        "",
        " ",
        "203.0.113.9",
        "203.0.113.9 40000 192.0.2.7",
        "203.0.113.9 40000 192.0.2.7 ",
        "203.0.113.9 40000 192.0.2.7 22 ",
        "203.0.113.9 40000 192.0.2.7 22 1",
        " 203.0.113.9 40000 192.0.2.7 22",
        "203.0.113.9  40000 192.0.2.7 22",
        "203.0.113.9\t40000 192.0.2.7 22",
        "203.0.113.9 40000 192.0.2.7 22\n",
        "203.0.113.9 0 192.0.2.7 22",
        "203.0.113.9 65536 192.0.2.7 22",
        "203.0.113.9 040000 192.0.2.7 22",
        "203.0.113.9 -1 192.0.2.7 22",
        "203.0.113.9 0x16 192.0.2.7 22",
        "203.0.113.256 40000 192.0.2.7 22",
        "203.0.113 40000 192.0.2.7 22",
        "0313.0.0161.9 40000 192.0.2.7 22",
        "localhost 40000 192.0.2.7 22",
        "UNKNOWN 65535 UNKNOWN 65535",
        "0.0.0.0 40000 192.0.2.7 22",
        ":: 40000 ::1 22",
        "203.0.113.9%eth0 40000 192.0.2.7 22",
        "[::1] 40000 ::1 22",
        "1111:2222:3333:4444:5555:6666:7777:8888:9999 40000 ::1 22",
        "1111:2222:3333:4444:5555:6666:7777:88881111:2222:3333:4444:5555:6666:7777:8888 40000 ::1 22",
    };
    struct sr_peer_ssh conn;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (sr_peer_parse_ssh(bad[i], &conn) != -SR_E_BAD_VALUE) {
            printf("    taken: \"%s\"\n", bad[i]);
            CHECK(false);
        }
}

static void a_connection_that_roots_sshd_above_holds_is_believed(void) {
    a_login();
    CHECK_INT(holds(), 1);
    fake_process(10, "sshd-session", 5, ROOT);
    CHECK_INT(holds(), 1);
    fake_process(15, "bash", 10, USER); /* su, sudo -i, a script: the sshd need not be the parent */
    fake_process(20, "sudo", 15, ROOT);
    CHECK_INT(holds(), 1);
}

static void a_connection_that_no_sshd_above_holds_is_not_believed(void) {
    a_login();
    fake_fd(10, 4, "socket:[556]");
    CHECK_INT(holds(), 0);
    fake_fd(10, 4, "/tmp/socket:[555]");
    CHECK_INT(holds(), 0);
    fake_fd(5, 9, "socket:[555]"); /* any sshd above will do */
    CHECK_INT(holds(), 1);
    fake_fd(5, 9, "/dev/null");
    fake_fd(10, 4, "socket:[555]");
    fake_process(10, "sshd2", 5, ROOT);
    CHECK_INT(holds(), 0);
    fake_process(10, "sshd", 5, ROOT);
    fake_process(30, "login-session", 1, ROOT); /* no longer below it */
    CHECK_INT(holds(), 0);
}

static void a_connection_that_does_not_stand_is_not_believed(void) {
    a_login();
    fake_text("net/tcp", "");
    CHECK_INT(holds(), 0);
    fake_text("net/tcp", "  sl  local_address rem_address   st\n"
                         "   1: 070200C0:0016 097100CB:9C40 06 00000000:00000000 02:0000A000 00000000 0        0 555 4\n");
    CHECK_INT(holds(), 0);
}

static void a_users_own_sshd_is_believed_by_that_user_and_not_by_root(void) {
    a_login();
    fake_process(10, "sshd", 5, USER);
    if (geteuid() == 0)
        CHECK_INT(holds(), 0);
    CHECK_INT(fake_ask_as_nobody(holds), 0);
    if (geteuid() != 0)
        CHECK_SKIP("needs root to be another user");
    fake_process(10, "sshd", 5, NOBODY);
    CHECK_INT(fake_ask_as_nobody(holds), 1);
    fake_process(10, "sshd", 5, "65534\t65534\t0\t65534"); /* neither one nor the other */
    CHECK_INT(fake_ask_as_nobody(holds), 0);
}

static void where_roots_sshd_hides_its_fds_an_unbroken_line_of_sshd_is_taken(void) {
    a_login();
    fake_hide_fds(10, 0444); /* names but no links: what the kernel does */
    CHECK_INT(fake_ask_as_nobody(holds), 1);
    fake_hide_fds(10, 0000);
    CHECK_INT(fake_ask_as_nobody(holds), 1);
    fake_process(20, "sshd-session", 10, USER);
    CHECK_INT(fake_ask_as_nobody(holds), 1);
    fake_process(30, "login-session", 10, ROOT); /* a login of root's has no half of its own */
    CHECK_INT(fake_ask_as_nobody(holds), 1);
}

static void hidden_fds_alone_prove_nothing(void) {
    a_login();
    fake_hide_fds(10, 0444);
    fake_process(20, "bash", 10, USER); /* broken: a shell in between */
    CHECK_INT(fake_ask_as_nobody(holds), 0);
    a_login();
    fake_hide_fds(10, 0444);
    fake_process(25, "sshd", 20, USER); /* a second one that is not root's: made by the user */
    fake_process(30, "login-session", 25, ROOT);
    CHECK_INT(fake_ask_as_nobody(holds), 0);
    a_login();
    fake_hide_fds(10, 0444);
    fake_process(10, "sshd", 1, "1000\t0\t0\t0"); /* a setuid program that calls itself sshd */
    fake_process(5, "init", 1, ROOT);
    CHECK_INT(fake_ask_as_nobody(holds), 0);
    a_login();
    fake_hide_fds(10, 0444);
    fake_text("net/tcp", TABLE(" 1000")); /* a connection the user made, not one sshd took */
    CHECK_INT(fake_ask_as_nobody(holds), 0);
    a_login();
    fake_fd(10, 4, "socket:[1]"); /* the root half shows its fds, and it is not there */
    fake_fd(20, 4, "socket:[1]");
    fake_hide_fds(5, 0444);
    CHECK_INT(fake_ask_as_nobody(holds), 0);
    fake_hide_fds(5, 0755);
}

static void a_ring_of_parents_ends(void) {
    a_login();
    fake_process(20, "a", 30, USER);
    fake_process(30, "b", 20, USER);
    CHECK_INT(holds(), 0);
    fake_process(30, "self", 30, USER);
    CHECK_INT(holds(), 0);
}

static void a_real_connection_without_an_sshd_above_is_not_believed(void) {
    int fd[2];
    struct sockaddr_storage client, server;
    struct sr_peer_ssh conn = {.client = "127.0.0.1", .server = "127.0.0.1"};
    CHECK(connect_pair(AF_INET, fd, &client, &server));
    conn.client_port = ntohs(((struct sockaddr_in *)&client)->sin_port);
    conn.server_port = ntohs(((struct sockaddr_in *)&server)->sin_port);
    CHECK_INT(sr_peer_ssh_holds(&sr_peer_system_paths, &conn, getpid()), 0);
    close(fd[0]), close(fd[1]);
}

static void sources_are_asked_in_order_and_ssh_only_for_ssh(void) {
    int fd[2];
    char address[SR_PEER_ADDR_SIZE];
    const char *source;
    struct sockaddr_storage client, server;
    a_login();
    CHECK(connect_pair(AF_INET, fd, &client, &server));
    CHECK_INT(sr_peer_find(&fake_paths, "ssh", CONNECTION, fd[0], NULL, 30, address, &source), 0);
    CHECK_STR(address, "203.0.113.9");
    CHECK_STR(source, "ssh");
    CHECK_INT(sr_peer_find(&fake_paths, "telnet", CONNECTION, fd[0], NULL, 30, address, &source), 0);
    CHECK_STR(address, "127.0.0.1");
    CHECK_STR(source, "socket");
    CHECK_INT(sr_peer_find(&fake_paths, "ssh", "203.0.113.9 40001 192.0.2.7 22", fd[0], NULL, 30, address, &source), 0);
    CHECK_STR(source, "socket");
    CHECK_INT(sr_peer_find(&fake_paths, "telnet", CONNECTION, -1, NULL, 30, address, &source), -SR_E_NOT_FOUND);
    CHECK_STR(address, "");
    CHECK_INT(sr_peer_find(&fake_paths, "ssh", NULL, -1, "pts/1", 30, address, &source), -SR_E_NOT_FOUND);
    close(fd[0]), close(fd[1]);
}

/* A login over telnet: login-session 30, login 25, telnetd 20 whose fd 0 is the connection 555. */
static void a_telnet_login(const char *name, const char *uids) {
    fake_text("net/tcp", TABLE("    0"));
    fake_text("net/tcp6", "");
    fake_process(1, "init", 0, ROOT);
    fake_process(20, name, 1, uids);
    fake_fd(20, 0, "socket:[555]");
    fake_process(25, "login", 20, ROOT);
    fake_process(30, "login-session", 25, ROOT);
}

static void a_telnetd_above_tells_by_its_connection(void) {
    char address[SR_PEER_ADDR_SIZE];
    const char *source, *names[] = {"telnetd", "in.telnetd"};
    for (int i = 0; i < 2; i++) {
        a_telnet_login(names[i], ROOT);
        CHECK_INT(sr_peer_telnetd(&fake_paths, 30), 20);
        CHECK_INT(sr_peer_find(&fake_paths, "telnet", NULL, -1, NULL, 30, address, &source), 0);
        CHECK_STR(address, "203.0.113.9");
        CHECK_STR(source, "telnet");
    }
    CHECK_INT(sr_peer_find(&fake_paths, "ssh", NULL, -1, NULL, 30, address, &source), -SR_E_NOT_FOUND);
}

static void no_other_process_tells_for_telnet(void) {
    char address[SR_PEER_ADDR_SIZE];
    a_telnet_login("telnetd2", ROOT);
    CHECK_INT(sr_peer_telnet(&fake_paths, 30, address), -SR_E_NOT_FOUND);
    a_telnet_login("telnetd", USER); /* somebody's own, whatever it is connected to */
    CHECK_INT(sr_peer_telnet(&fake_paths, 30, address), -SR_E_NOT_FOUND);
    a_telnet_login("telnetd", ROOT);
    const char *const no_connection[] = {"/dev/null", "pipe:[555]", "socket:[556]", "socket:[400]", "socket:[555", "socket:[0]"};
    for (size_t i = 0; i < sizeof no_connection / sizeof *no_connection; i++) {
        fake_fd(20, 0, no_connection[i]);
        CHECK_INT(sr_peer_telnet(&fake_paths, 30, address), -SR_E_NOT_FOUND);
        CHECK_STR(address, "");
    }
}

int main(void) {
    fake_make();
    CHECK_RUN(ssh_connection_is_four_numeric_words);
    CHECK_RUN(anything_else_in_ssh_connection_is_refused);
    CHECK_RUN(a_connection_that_roots_sshd_above_holds_is_believed);
    CHECK_RUN(a_connection_that_no_sshd_above_holds_is_not_believed);
    CHECK_RUN(a_connection_that_does_not_stand_is_not_believed);
    CHECK_RUN(a_users_own_sshd_is_believed_by_that_user_and_not_by_root);
    CHECK_RUN(where_roots_sshd_hides_its_fds_an_unbroken_line_of_sshd_is_taken);
    CHECK_RUN(hidden_fds_alone_prove_nothing);
    CHECK_RUN(a_ring_of_parents_ends);
    CHECK_RUN(a_real_connection_without_an_sshd_above_is_not_believed);
    CHECK_RUN(sources_are_asked_in_order_and_ssh_only_for_ssh);
    CHECK_RUN(a_telnetd_above_tells_by_its_connection);
    CHECK_RUN(no_other_process_tells_for_telnet);
    fake_remove();
    return check_end();
}
