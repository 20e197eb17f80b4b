/* What the recorder is called in a process list. */
#ifndef SR_DISGUISE_H
#define SR_DISGUISE_H

#include <stddef.h>

/* Where the kernel keeps argv and environ, found before anything moves. */
struct sr_disguise {
    char *area;
    size_t size;
    size_t argv_size; /* of `area`, for argv */
};

void sr_disguise_find(struct sr_disguise *d, char **argv, char **envp);

/* Sets comm and overwrites the area in place with `pattern`, in which {user}, {tty} and {pid} are replaced; an empty pattern
 * gives the service's own kind of title with the inner terminal's name, which no other process of the machine shows. The
 * environment is gone afterwards. */
void sr_disguise_wear(const struct sr_disguise *d, const char *pattern, const char *service, const char *user, const char *tty);

#endif
