/* A TCP connection of a test's own. */
#ifndef SR_LOOPBACK_H
#define SR_LOOPBACK_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

/* A connection of this process's own over loopback: `fd[0]` took it, `fd[1]` made it. */
static inline bool connect_pair(int family, int fd[2], struct sockaddr_storage *client, struct sockaddr_storage *server) {
    struct sockaddr_storage name = {.ss_family = (sa_family_t)family};
    socklen_t len = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
    int listener = socket(family, SOCK_STREAM, 0);
    if (family == AF_INET)
        ((struct sockaddr_in *)&name)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    else
        ((struct sockaddr_in6 *)&name)->sin6_addr = in6addr_loopback;
    if (listener < 0 || bind(listener, (struct sockaddr *)&name, len) < 0 || listen(listener, 1) < 0 ||
        getsockname(listener, (struct sockaddr *)&name, &len) < 0)
        return false;
    *server = name;
    fd[1] = socket(family, SOCK_STREAM, 0);
    if (connect(fd[1], (struct sockaddr *)&name, len) < 0)
        return false;
    fd[0] = accept(listener, (struct sockaddr *)client, &len);
    close(listener);
    return fd[0] >= 0;
}

#endif
