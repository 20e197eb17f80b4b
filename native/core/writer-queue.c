#include <stddef.h>

#include "writer-state.h"

/* A frozen disk is bridged from here. A key with its echo costs some 400 bytes: minutes of typing find room, and a flood of
 * output leaves them their share. */

#define QUEUE_ENTRY_MAX queue_round(sizeof(struct sr_writer_entry))

static size_t queue_round(size_t n) {
    return (n + 15) & ~(size_t)15;
}

/* An end line is written when its turn comes: it keeps room for any. */
static size_t queue_size_of(const struct sr_writer_entry *e) {
    return e->kind == SR_WRITER_END ? QUEUE_ENTRY_MAX : queue_round(offsetof(struct sr_writer_entry, line) + e->len);
}

static struct sr_writer_entry *queue_at(struct sr_writer *w, size_t offset) {
    return (struct sr_writer_entry *)(void *)(w->queue + offset);
}

bool sr_writer_queue_has_room(const struct sr_writer *w, enum sr_writer_kind kind, unsigned entries) {
    size_t limit = WRITER_QUEUE_BYTES - (kind == SR_WRITER_OUTPUT ? WRITER_QUEUE_OTHERS : 0);
    return w->used + entries * QUEUE_ENTRY_MAX <= limit;
}

struct sr_writer_entry *sr_writer_queue_place(struct sr_writer *w) {
    if (w->count == 0)
        w->reserved = 0; /* the first pages serve a whole session whose disk never stops */
    else if (w->wrap != 0 ? w->head - w->tail >= QUEUE_ENTRY_MAX : WRITER_QUEUE_BYTES - w->tail >= QUEUE_ENTRY_MAX)
        w->reserved = w->tail;
    else if (w->wrap == 0 && w->head >= QUEUE_ENTRY_MAX)
        w->reserved = 0;
    else
        return NULL;
    return queue_at(w, w->reserved);
}

void sr_writer_queue_add(struct sr_writer *w) {
    size_t size = queue_size_of(queue_at(w, w->reserved));
    /* What stood before it may have been written since it was placed. */
    if (w->count == 0)
        w->head = w->reserved;
    else if (w->reserved == 0)
        w->wrap = w->tail;
    w->tail = w->reserved + size;
    w->used += size;
    w->count++;
}

struct sr_writer_entry *sr_writer_queue_first(struct sr_writer *w) {
    return w->count > 0 ? queue_at(w, w->head) : NULL;
}

void sr_writer_queue_drop(struct sr_writer *w) {
    size_t size = queue_size_of(queue_at(w, w->head));
    w->head += size;
    w->used -= size;
    w->count--;
    if (w->head == w->wrap || w->count == 0) {
        w->head = w->count == 0 ? w->head : 0;
        w->wrap = 0;
    }
}
