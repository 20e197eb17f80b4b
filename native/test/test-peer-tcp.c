#include "peer-tcp.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "check.h"
#include "error.h"
#include "fake-proc.h"

static struct sr_peer_socket_owner owner;

static int find(const char *local, uint16_t local_port, const char *remote, uint16_t remote_port) {
    struct sr_peer_end here = {.port = local_port}, there = {.port = remote_port};
    owner = (struct sr_peer_socket_owner){0};
    if (sr_peer_address_parse(&here.address, local, strlen(local)) < 0 ||
        sr_peer_address_parse(&there.address, remote, strlen(remote)) < 0)
        return 1;
    return sr_peer_tcp_find(fake_dir, &here, &there, &owner);
}

/* As a little-endian kernel writes it. On a big-endian machine these words would read otherwise. */
static const char tcp[] =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                      \n"
    "   0: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 100 1 0000000000000000 100 0 0 "
    "10 0\n"
    "   1: 070200C0:0016 097100CB:9C40 01 00000000:00000000 02:0000A000 00000000     0        0 101 4 0000000000000000 20 4 0 10 "
    "-1\n"
    "   2: 070200C0:0016 097100CB:9C41 08 0000000A:00000001 02:0000A000 00000000  1000        0 4294967299 4 0 20 4 0 10 -1\n"
    "   3: 070200C0:0016 097100CB:9C42 06 00000000:00000000 03:0000A000 00000000     0        0 0 3 0\n"
    "   4: 070200C0:0016 097100CB:9C43 01 00000000:00000000 02:0000A000 00000000     0        0 0 4 0\n"
    "9999: 070200C0:0016 097100CB:9C44 01 00000000:00000000 02:0000A000 00000000 4294967294        0 105 4 0\n";
static const char tcp6[] = "  sl  local_address                         remote_address                        st tx_queue "
                           "rx_queue tr tm->when retrnsmt   uid\n"
                           "   0: B80D0120000000000000000001000000:0016 B80D01200000000000000000EFBE0000:D431 01 "
                           "00000000:00000000 00:00000000 00000000     0 "
                           "       0 201 1 0 20 4 30 10 -1\n"
                           "   1: 0000000000000000FFFF0000070200C0:0016 0000000000000000FFFF0000097100CB:9C50 01 "
                           "00000000:00000000 00:00000000 00000000     0 "
                           "       0 202 1 0 20 4 30 10 -1\n"
                           "   2: 00000000000000000000000001000000:0016 00000000000000000000000001000000:9C40 01 "
                           "00000000:00000000 00:00000000 00000000     7 "
                           "       0 203 1 0 20 4 30 10 -1\n";

static void a_standing_connection_is_found_with_its_socket(void) {
    fake_text("net/tcp", tcp);
    fake_text("net/tcp6", tcp6);
    CHECK_INT(find("192.0.2.7", 22, "203.0.113.9", 40000), 0);
    CHECK_INT(owner.inode, 101);
    CHECK_INT(owner.uid, 0);
    CHECK_INT(find("192.0.2.7", 22, "203.0.113.9", 40001), 0); /* CLOSE_WAIT */
    CHECK_INT(owner.inode, 4294967299);
    CHECK_INT(owner.uid, 1000);
    CHECK_INT(find("192.0.2.7", 22, "203.0.113.9", 40004), 0);
    CHECK_INT(owner.uid, 4294967294);
}

static void what_listens_waits_or_has_no_socket_is_not_found(void) {
    CHECK_INT(find("127.0.0.1", 22, "0.0.0.0", 0), -SR_E_NOT_FOUND);
    CHECK_INT(find("192.0.2.7", 22, "203.0.113.9", 40002), -SR_E_NOT_FOUND);
    CHECK_INT(find("192.0.2.7", 22, "203.0.113.9", 40003), -SR_E_NOT_FOUND);
}

static void every_part_of_both_ends_must_agree(void) {
    CHECK_INT(find("192.0.2.8", 22, "203.0.113.9", 40000), -SR_E_NOT_FOUND);
    CHECK_INT(find("192.0.2.7", 23, "203.0.113.9", 40000), -SR_E_NOT_FOUND);
    CHECK_INT(find("192.0.2.7", 22, "203.0.113.8", 40000), -SR_E_NOT_FOUND);
    CHECK_INT(find("192.0.2.7", 22, "203.0.113.9", 40009), -SR_E_NOT_FOUND);
    CHECK_INT(find("203.0.113.9", 40000, "192.0.2.7", 22), -SR_E_NOT_FOUND); /* the other way round: outgoing */
}

static void ipv6_and_ipv4_mapped_connections_are_found(void) {
    CHECK_INT(find("2001:db8::1", 22, "2001:db8::beef", 54321), 0);
    CHECK_INT(owner.inode, 201);
    CHECK_INT(find("2001:db8::1", 22, "2001:db8::efbe:0", 54321), -SR_E_NOT_FOUND);
    CHECK_INT(find("::1", 22, "::1", 40000), 0);
    CHECK_INT(owner.inode, 203);
    CHECK_INT(owner.uid, 7);
    CHECK_INT(find("192.0.2.7", 22, "203.0.113.9", 40016), 0);
    CHECK_INT(owner.inode, 202);
    CHECK_INT(find("::ffff:192.0.2.7", 22, "::ffff:203.0.113.9", 40000), 0);
    CHECK_INT(owner.inode, 101);
}

static void torn_and_foreign_tables_are_walked_without_harm(void) {
    char text[sizeof tcp];
    unsigned seed = 11;
    fake_text("net/tcp6", "");
    for (size_t len = 0; len < sizeof tcp; len += 17) {
        fake_write("net/tcp", tcp, len);
        find("192.0.2.7", 22, "203.0.113.9", 40004);
    }
    for (int i = 0; i < 300; i++) {
        memcpy(text, tcp, sizeof text);
        for (int j = 0; j < 20; j++)
            text[(size_t)rand_r(&seed) % (sizeof text - 1)] = "\n: 0AFx\xff"[rand_r(&seed) % 8];
        fake_write("net/tcp", text, sizeof text - 1);
        find("192.0.2.7", 22, "203.0.113.9", 40004);
    }
    char path[200];
    snprintf(path, sizeof path, "%s/net/tcp", fake_dir);
    unlink(path);
    CHECK_INT(find("192.0.2.7", 22, "203.0.113.9", 40000), -SR_E_NOT_FOUND);
}

static void a_real_connection_is_found_in_the_kernels_own_table(void) {
    static const int families[] = {AF_INET, AF_INET6};
    for (int f = 0; f < 2; f++) {
        union {
            struct sockaddr any;
            struct sockaddr_in v4;
            struct sockaddr_in6 v6;
        } server = {0}, client;
        socklen_t len = f == 0 ? sizeof server.v4 : sizeof server.v6;
        int listener = socket(families[f], SOCK_STREAM, 0), made = socket(families[f], SOCK_STREAM, 0);
        server.any.sa_family = (sa_family_t)families[f];
        if (f == 0)
            server.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        else
            server.v6.sin6_addr = in6addr_loopback;
        if (bind(listener, &server.any, len) < 0 && f == 1)
            CHECK_SKIP("no IPv6 loopback");
        CHECK(listen(listener, 1) == 0 && getsockname(listener, &server.any, &len) == 0);
        CHECK(connect(made, &server.any, len) == 0);
        int taken = accept(listener, &client.any, &len);
        struct sr_peer_end here = {.port = ntohs(server.v4.sin_port)}, there = {.port = ntohs(client.v4.sin_port)};
        const char *loopback = f == 0 ? "127.0.0.1" : "::1";
        struct stat st;
        CHECK_INT(sr_peer_address_parse(&here.address, loopback, strlen(loopback)), 0);
        there.address = here.address;
        CHECK_INT(sr_peer_tcp_find("/proc", &here, &there, &owner), 0);
        CHECK(fstat(taken, &st) == 0);
        CHECK_INT(owner.inode, st.st_ino);
        CHECK_INT(owner.uid, geteuid());
        CHECK_INT(sr_peer_tcp_find("/proc", &there, &here, &owner), 0); /* its other end is a socket too */
        CHECK(fstat(made, &st) == 0);
        CHECK_INT(owner.inode, st.st_ino);
        close(taken), close(made), close(listener);
        CHECK_INT(sr_peer_tcp_find("/proc", &here, &there, &owner), -SR_E_NOT_FOUND);
    }
}

int main(void) {
    fake_make();
    CHECK_RUN(a_standing_connection_is_found_with_its_socket);
    CHECK_RUN(what_listens_waits_or_has_no_socket_is_not_found);
    CHECK_RUN(every_part_of_both_ends_must_agree);
    CHECK_RUN(ipv6_and_ipv4_mapped_connections_are_found);
    CHECK_RUN(torn_and_foreign_tables_are_walked_without_harm);
    CHECK_RUN(a_real_connection_is_found_in_the_kernels_own_table);
    fake_remove();
    return check_end();
}
