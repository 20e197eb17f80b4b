#include "utf8.h"

/* What table 3-7 says of a lead byte: the character's length (0 = no lead byte) and the range of its second byte. Every later
 * byte is 80..BF. */
struct utf8_lead {
    uint8_t length, second_min, second_max;
};

static struct utf8_lead utf8_lead(uint8_t byte) {
    if (byte < 0x80)
        return (struct utf8_lead){1, 0, 0};
    if (byte < 0xc2 || byte > 0xf4)
        return (struct utf8_lead){0, 0, 0};
    if (byte < 0xe0)
        return (struct utf8_lead){2, 0x80, 0xbf};
    if (byte < 0xf0)
        return (struct utf8_lead){3, byte == 0xe0 ? 0xa0 : 0x80, byte == 0xed ? 0x9f : 0xbf};
    return (struct utf8_lead){4, byte == 0xf0 ? 0x90 : 0x80, byte == 0xf4 ? 0x8f : 0xbf};
}

/* How many of the n bytes at p belong to the character that p[0] begins: its whole length if it is well-formed. */
static size_t utf8_good(const uint8_t *p, size_t n, struct utf8_lead lead) {
    size_t good = 1;
    if (lead.length > 1 && n > 1 && p[1] >= lead.second_min && p[1] <= lead.second_max)
        for (good = 2; good < lead.length && good < n && (p[good] & 0xc0) == 0x80; good++)
            ;
    return good;
}

int sr_utf8_next(const uint8_t *p, size_t n) {
    struct utf8_lead lead = utf8_lead(p[0]);
    int good = (int)utf8_good(p, n, lead);
    return good == lead.length ? good : -good;
}

size_t sr_utf8_tail(const uint8_t *p, size_t n) {
    /* A cut character is at most 3 bytes: its lead is the last byte that is no continuation. */
    for (size_t back = 1; back <= 3 && back <= n; back++) {
        const uint8_t *start = p + n - back;
        if ((*start & 0xc0) == 0x80)
            continue;
        struct utf8_lead lead = utf8_lead(*start);
        return lead.length > back && utf8_good(start, back, lead) == back ? back : 0;
    }
    return 0;
}
