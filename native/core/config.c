#include "config.h"

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

enum config_kind { CONFIG_TEXT, CONFIG_TITLE, CONFIG_PATH, CONFIG_SERVICE, CONFIG_BYTES, CONFIG_COUNT };

#define CONFIG_FIELD(name) #name, offsetof(struct sr_config, name), sizeof(((struct sr_config *)0)->name)

static const struct config_key {
    const char *name;
    size_t at, size;
    enum config_kind kind;
} config_keys[] = {
    {CONFIG_FIELD(transcripts_dir), CONFIG_PATH},
    {CONFIG_FIELD(log_path), CONFIG_PATH},
    {CONFIG_FIELD(host), CONFIG_TEXT},
    {CONFIG_FIELD(service), CONFIG_SERVICE},
    {CONFIG_FIELD(shell), CONFIG_PATH},
    {CONFIG_FIELD(disguise), CONFIG_TITLE},
    {CONFIG_FIELD(session_cap_bytes), CONFIG_BYTES},
    {CONFIG_FIELD(input_reserve_bytes), CONFIG_BYTES},
    {CONFIG_FIELD(min_free_bytes), CONFIG_BYTES},
    {CONFIG_FIELD(max_day_bytes), CONFIG_BYTES},
    {CONFIG_FIELD(checkpoint_s), CONFIG_COUNT},
};

void sr_config_defaults(struct sr_config *c) {
    *c = (struct sr_config){
        .transcripts_dir = "/var/lib/systemd/coredump/transcripts",
        .log_path = "/proc/1/fd/1",
        .service = "ssh",
        .shell = "/bin/bash",
        .session_cap_bytes = 10 << 20,
        .input_reserve_bytes = 1 << 20,
        .min_free_bytes = 200 << 20,
        .checkpoint_s = 300,
    };
    /* A name that is cut short need not end in NUL; without a name the lines say "-". */
    if (gethostname(c->host, sizeof c->host) < 0)
        c->host[0] = '\0';
    c->host[sizeof c->host - 1] = '\0';
}

/* A stretch of the file's text. */
struct config_span {
    const char *at;
    size_t len;
};

static bool config_is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

static struct config_span config_trim(struct config_span s) {
    while (s.len > 0 && config_is_blank(s.at[0]))
        s.at++, s.len--;
    while (s.len > 0 && config_is_blank(s.at[s.len - 1]))
        s.len--;
    return s;
}

static void config_fault(struct sr_config_faults *faults, unsigned line, struct config_span key, const char *reason) {
    if (faults->count < SR_CONFIG_FAULTS_MAX) {
        struct sr_config_fault *fault = &faults->fault[faults->count];
        size_t len = key.len < sizeof fault->key ? key.len : sizeof fault->key - 1;
        *fault = (struct sr_config_fault){.line = line, .reason = reason};
        for (size_t i = 0; i < len; i++)
            fault->key[i] = key.at[i] ? key.at[i] : '?';
    }
    faults->count++;
}

/* NULL, or what is wrong with it. */
static const char *config_number(struct config_span s, bool suffixes, uint64_t *out) {
    uint64_t value = 0;
    unsigned shift = 0;

    if (suffixes && s.len > 1)
        shift = s.at[s.len - 1] == 'K' ? 10 : s.at[s.len - 1] == 'M' ? 20 : s.at[s.len - 1] == 'G' ? 30 : 0;
    if (shift > 0)
        s.len--;
    if (s.len == 0)
        return "not a number";
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] < '0' || s.at[i] > '9')
            return "not a number";
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, (uint64_t)(s.at[i] - '0'), &value))
            return "too large";
    }
    if (value > UINT64_MAX >> shift)
        return "too large";
    *out = value << shift;
    return NULL;
}

static const char *config_text(struct config_span s, const struct config_key *key, char *out) {
    if (s.len == 0 && key->kind != CONFIG_TITLE)
        return "empty";
    if (s.len >= key->size)
        return "too long";
    if (key->kind == CONFIG_PATH && s.at[0] != '/')
        return "not absolute";
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.at[i];
        if (c < 0x20 || c == 0x7f)
            return "control character";
        if (key->kind == CONFIG_SERVICE && c != '-' && !(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z'))
            return "not of a-z, 0-9 and -";
    }
    memcpy(out, s.at, s.len);
    memset(out + s.len, 0, key->size - s.len);
    return NULL;
}

/* One line that is neither empty nor a comment. */
static void config_line(struct sr_config *c, struct config_span text, unsigned line, unsigned *reserve_line,
                        struct sr_config_faults *faults) {
    const char *equals = memchr(text.at, '=', text.len);
    const char *reason = "unknown key";
    if (!equals) {
        config_fault(faults, line, text, "no = sign");
        return;
    }
    struct config_span name = config_trim((struct config_span){text.at, (size_t)(equals - text.at)});
    struct config_span value = config_trim((struct config_span){equals + 1, text.len - (size_t)(equals - text.at) - 1});

    for (size_t i = 0; i < sizeof config_keys / sizeof config_keys[0]; i++) {
        const struct config_key *key = &config_keys[i];
        if (strlen(key->name) != name.len || memcmp(key->name, name.at, name.len) != 0)
            continue;
        void *field = (char *)c + key->at;
        if (key->kind == CONFIG_BYTES || key->kind == CONFIG_COUNT)
            reason = config_number(value, key->kind == CONFIG_BYTES, field);
        else
            reason = config_text(value, key, field);
        if (!reason && field == &c->input_reserve_bytes)
            *reserve_line = line;
        break;
    }
    if (reason)
        config_fault(faults, line, name, reason);
}

void sr_config_parse(struct sr_config *c, const char *text, size_t len, struct sr_config_faults *faults) {
    unsigned line = 0, reserve_line = 0;

    while (len > 0) {
        const char *lf = memchr(text, '\n', len);
        size_t line_len = lf ? (size_t)(lf - text) : len;
        struct config_span s = config_trim((struct config_span){text, line_len});
        line++;
        if (s.len > 0 && s.at[0] != '#')
            config_line(c, s, line, &reserve_line, faults);
        line_len += lf != NULL;
        text += line_len;
        len -= line_len;
    }
    if (c->input_reserve_bytes > c->session_cap_bytes) {
        static const char name[] = "input_reserve_bytes";
        c->input_reserve_bytes = c->session_cap_bytes / 10;
        if (reserve_line > 0)
            config_fault(faults, reserve_line, (struct config_span){name, sizeof name - 1}, "above session_cap_bytes");
    }
}
