/* A session's record as both the relay and openShard open it: directory, part, id, header. */
#ifndef DECNET_ADDON_SESSION_H
#define DECNET_ADDON_SESSION_H

#include <cstdint>
#include <string>

#include "arguments.h"

extern "C" {
#include "record.h"
#include "uuid.h"
}

/* What JS said; every text lives here while the header is written. */
struct Session {
    std::string dir, service, user, src_ip, tty, shell, term;
    bool has_src_ip = false, has_tty = false, has_term = false;
    unsigned width = 80, height = 24;
    uint64_t session_cap_bytes = 0, input_reserve_bytes = 0, min_free_bytes = 0, max_day_bytes = 0;
    int64_t t0_mono_ns = 0, t0_real_ns = 0;
    char sid[SR_UUID_SIZE] = {};
};

/* Reads what relay and openShard have in common; `dir_key` names the directory's option. */
void session_read(Arguments &a, const char *dir_key, Session &s);

/* Opens the live part and queues the header. 0 with *record; or a failure with the call that failed. */
int session_open(Session &s, struct sr_record **record, const char **call);

Napi::Object session_anchor_object(Napi::Env env, struct sr_record *record);

#endif
