#include "record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"
#include "writer.h"

#define RECORD_PIECE 4096 /* raw bytes taken at a time: at most 8 lines, whatever they are */
#define RECORD_CARRY 3    /* an incomplete UTF-8 character */

/* What one `ch` still owes: the start of a character whose rest has not come. */
struct record_stream {
    uint8_t carry[RECORD_CARRY];
    uint8_t carried;
    bool noecho; /* of the carried bytes */
    bool stopped;
};

enum record_stream_index { RECORD_IN, RECORD_OUT, RECORD_ERR, RECORD_COMMAND, RECORD_RESIZE, RECORD_STREAMS };

struct sr_record {
    struct sr_writer *writer;
    char sid[SR_UUID_SIZE];
    uint64_t left_output, left_other; /* raw bytes that may still be recorded */
    bool ended, truncated;
    struct record_stream stream[RECORD_STREAMS];
};

int sr_record_create(struct sr_record **out, const struct sr_record_options *options, const char *sid) {
    struct sr_shard shard = options->shard;
    struct sr_record *r = calloc(1, sizeof *r);
    int rc;
    if (!r) {
        sr_shard_close(&shard);
        return -ENOMEM;
    }
    rc = sr_writer_create(&r->writer, &shard, sid, options->min_free_bytes, options->t0_mono_ns);
    if (rc < 0) {
        free(r);
        return rc;
    }
    memcpy(r->sid, sid, sizeof r->sid);
    r->left_other =
        options->input_reserve_bytes < options->session_cap_bytes ? options->input_reserve_bytes : options->session_cap_bytes;
    r->left_output = options->session_cap_bytes - r->left_other;
    *out = r;
    return 0;
}

static enum record_stream_index record_index(enum sr_event_ch ch) {
    switch (ch) {
    case SR_CH_IN:
        return RECORD_IN;
    case SR_CH_OUT:
        return RECORD_OUT;
    case SR_CH_ERR:
        return RECORD_ERR;
    case SR_CH_COMMAND:
        break;
    }
    return RECORD_COMMAND;
}

static bool record_is_output(enum sr_event_ch ch) {
    return ch == SR_CH_OUT || ch == SR_CH_ERR;
}

static enum sr_writer_kind record_kind(enum sr_event_ch ch) {
    return record_is_output(ch) ? SR_WRITER_OUTPUT : SR_WRITER_OTHER;
}

/* Whole bytes to lines; nothing is kept back. */
static void record_lines(struct sr_record *r, int64_t t_ns, enum sr_event_ch ch, const uint8_t *bytes, size_t n, bool noecho) {
    while (n > 0) {
        size_t used;
        struct sr_writer_entry *e = sr_writer_reserve(r->writer, record_kind(ch));
        if (!e)
            return;
        e->t_ns = t_ns;
        e->len = sr_event_data(e->line, r->sid, t_ns, ch, bytes, n, noecho, &used);
        sr_writer_commit(r->writer);
        bytes += used;
        n -= used;
    }
}

static void record_flush_carry(struct sr_record *r, int64_t t_ns, enum sr_event_ch ch) {
    struct record_stream *s = &r->stream[record_index(ch)];
    size_t n = s->carried;
    s->carried = 0;
    record_lines(r, t_ns, ch, s->carry, n, s->noecho);
}

/* The stream ends here, before its session: once said, nothing more of it is recorded. */
static void record_stop(struct sr_record *r, int64_t t_ns, enum sr_event_ch ch, const char *why) {
    struct record_stream *s = &r->stream[record_index(ch)];
    struct sr_writer_entry *e;
    if (s->stopped)
        return;
    record_flush_carry(r, t_ns, ch);
    s->stopped = r->truncated = true;
    e = sr_writer_reserve(r->writer, SR_WRITER_CUT);
    if (!e)
        return;
    e->t_ns = t_ns;
    e->len = sr_event_trunc(e->line, r->sid, t_ns, ch, why);
    sr_writer_commit(r->writer);
}

/* Takes n from the budget of `ch`; returns how much of it there was. */
static size_t record_spend(struct sr_record *r, enum sr_event_ch ch, size_t n) {
    uint64_t *left = record_is_output(ch) ? &r->left_output : &r->left_other;
    if (n > *left)
        n = (size_t)*left;
    *left -= n;
    return n;
}

static void record_piece(struct sr_record *r, int64_t t_ns, enum sr_event_ch ch, const uint8_t *bytes, size_t n, bool noecho) {
    struct record_stream *s = &r->stream[record_index(ch)];
    uint8_t joined[RECORD_CARRY + RECORD_PIECE];
    size_t tail;
    if (s->carried > 0 && s->noecho != noecho)
        record_flush_carry(r, t_ns, ch);
    if (s->carried > 0) {
        memcpy(joined, s->carry, s->carried);
        memcpy(joined + s->carried, bytes, n);
        bytes = joined;
        n += s->carried;
    }
    tail = sr_utf8_tail(bytes, n);
    record_lines(r, t_ns, ch, bytes, n - tail, noecho);
    memcpy(s->carry, bytes + n - tail, tail);
    s->carried = (uint8_t)tail;
    s->noecho = noecho;
}

int sr_record_data(struct sr_record *r, int64_t t_ns, enum sr_event_ch ch, const uint8_t *bytes, size_t n, bool noecho) {
    struct record_stream *s = &r->stream[record_index(ch)];
    int over = 0;
    if (record_is_output(ch) && sr_writer_stop_reason(r->writer))
        record_stop(r, t_ns, ch, sr_writer_stop_reason(r->writer));
    while (n > 0 && !over && !s->stopped) {
        size_t piece = n < RECORD_PIECE ? n : RECORD_PIECE, allowed = record_spend(r, ch, piece);
        if (allowed > 0)
            record_piece(r, t_ns, ch, bytes, allowed, noecho);
        if (allowed < piece)
            record_stop(r, t_ns, ch, "cap");
        bytes += piece;
        n -= piece;
        over = sr_writer_flush(r->writer, !record_is_output(ch));
    }
    return over;
}

int sr_record_header(struct sr_record *r, const struct sr_event_header *h) {
    struct sr_writer_entry *e = sr_writer_reserve(r->writer, SR_WRITER_OTHER);
    if (e) {
        e->t_ns = 0;
        e->len = sr_event_header(e->line, r->sid, h);
        sr_writer_commit(r->writer);
    }
    return 0;
}

int sr_record_resize(struct sr_record *r, int64_t t_ns, unsigned width, unsigned height) {
    struct record_stream *s = &r->stream[RECORD_RESIZE];
    struct sr_writer_entry *e;
    if (s->stopped)
        return 0;
    e = sr_writer_reserve(r->writer, SR_WRITER_OTHER);
    if (!e)
        return 0;
    /* A client can send sizes without end: they are paid for like input, by what they cost the shard. */
    e->len = sr_event_resize(e->line, r->sid, t_ns, width, height);
    if (record_spend(r, SR_CH_IN, e->len) < e->len) {
        s->stopped = r->truncated = true;
        e->len = sr_event_trunc(e->line, r->sid, t_ns, (enum sr_event_ch)'r', "cap");
    }
    e->t_ns = t_ns;
    sr_writer_commit(r->writer);
    return sr_writer_flush(r->writer, false);
}

int sr_record_end(struct sr_record *r, int64_t t_ns, const struct sr_event_end *end) {
    static const enum sr_event_ch all[] = {SR_CH_COMMAND, SR_CH_IN, SR_CH_OUT, SR_CH_ERR};
    struct sr_writer_entry *e;
    if (r->ended)
        return 0;
    r->ended = true;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        record_flush_carry(r, t_ns, all[i]);
    /* What was to be said with the next output, of which there was none. */
    if (sr_writer_lost_output(r->writer))
        record_stop(r, t_ns, SR_CH_OUT, sr_writer_stop_reason(r->writer));
    e = sr_writer_reserve(r->writer, SR_WRITER_END);
    if (e) {
        e->t_ns = t_ns;
        e->end = *end;
        sr_writer_commit(r->writer);
    }
    return sr_writer_flush(r->writer, false);
}

bool sr_record_takes_output(struct sr_record *r) {
    return sr_writer_takes_output(r->writer);
}

int sr_record_tick(struct sr_record *r) {
    struct sr_writer_entry *e = sr_writer_reserve(r->writer, SR_WRITER_TICK);
    if (e)
        sr_writer_commit(r->writer);
    return sr_writer_flush(r->writer, false);
}

unsigned sr_record_parts(struct sr_record *r) {
    return sr_writer_parts(r->writer);
}

int sr_record_guard(struct sr_record *r, void (*run)(void *arg), void *arg) {
    return sr_writer_guard(r->writer, run, arg);
}

void sr_record_unguard(struct sr_record *r) {
    sr_writer_unguard(r->writer);
}

void sr_record_anchor(struct sr_record *r, struct sr_record_anchor *out) {
    sr_writer_anchor(r->writer, out);
    out->truncated = out->truncated || r->truncated;
}

void sr_record_destroy(struct sr_record *r) {
    if (!r)
        return;
    sr_writer_destroy(r->writer);
    free(r);
}
