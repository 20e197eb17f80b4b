#include <arpa/inet.h>
#include <errno.h>

#include "check.h"
#include "error.h"
#include "loopback.h"
#include "peer.h"

static void a_sockets_peer_is_its_address(void) {
    int fd[2];
    char address[SR_PEER_ADDR_SIZE];
    struct sockaddr_storage client, server;
    CHECK(connect_pair(AF_INET, fd, &client, &server));
    CHECK_INT(sr_peer_socket(fd[0], address), 0);
    CHECK_STR(address, "127.0.0.1");
    close(fd[0]), close(fd[1]);
    if (!connect_pair(AF_INET6, fd, &client, &server))
        CHECK_SKIP("no IPv6 loopback");
    CHECK_INT(sr_peer_socket(fd[0], address), 0);
    CHECK_STR(address, "::1");
    close(fd[0]), close(fd[1]);
}

static void an_ipv4_peer_of_an_ipv6_socket_is_ipv4(void) {
    int listener = socket(AF_INET6, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0), off = 0;
    struct sockaddr_in6 name = {.sin6_family = AF_INET6};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof name;
    char address[SR_PEER_ADDR_SIZE];
    if (listener < 0 || setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) < 0)
        CHECK_SKIP("no IPv6");
    CHECK(bind(listener, (struct sockaddr *)&name, sizeof name) == 0 && listen(listener, 1) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&name, &len) == 0);
    to.sin_port = name.sin6_port;
    CHECK(connect(client, (struct sockaddr *)&to, sizeof to) == 0);
    int taken = accept(listener, NULL, NULL);
    CHECK_INT(sr_peer_socket(taken, address), 0);
    CHECK_STR(address, "127.0.0.1");
    close(taken), close(client), close(listener);
}

static void what_is_no_internet_socket_has_no_address(void) {
    int pair[2], ends[2];
    char address[SR_PEER_ADDR_SIZE] = "x";
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 && pipe(ends) == 0);
    CHECK_INT(sr_peer_socket(pair[0], address), -SR_E_NOT_FOUND);
    CHECK_STR(address, "");
    CHECK_INT(sr_peer_socket(ends[0], address), -ENOTSOCK);
    CHECK_INT(sr_peer_socket(-1, address), -EBADF);
    close(pair[0]), close(pair[1]), close(ends[0]), close(ends[1]);
}

int main(void) {
    CHECK_RUN(a_sockets_peer_is_its_address);
    CHECK_RUN(an_ipv4_peer_of_an_ipv6_socket_is_ipv4);
    CHECK_RUN(what_is_no_internet_socket_has_no_address);
    return check_end();
}
