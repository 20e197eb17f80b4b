#include "uuid.h"

#include "check.h"

static bool is_v4(const char *text) {
    if (strlen(text) != 36)
        return false;
    for (int i = 0; i < 36; i++) {
        const char *allowed = "0123456789abcdef";
        if (i == 8 || i == 13 || i == 18 || i == 23)
            allowed = "-";
        else if (i == 14)
            allowed = "4";
        else if (i == 19)
            allowed = "89ab";
        if (!strchr(allowed, text[i]))
            return false;
    }
    return true;
}

static void an_id_is_a_lower_case_version_4_uuid(void) {
    for (int i = 0; i < 2000; i++) {
        char id[SR_UUID_SIZE];
        CHECK_INT(sr_uuid_v4(id), 0);
        CHECK(is_v4(id));
    }
}

static int compare(const void *a, const void *b) {
    return strcmp(a, b);
}

static void no_two_ids_are_alike(void) {
    static char ids[10000][SR_UUID_SIZE];
    for (size_t i = 0; i < 10000; i++)
        CHECK_INT(sr_uuid_v4(ids[i]), 0);
    qsort(ids, 10000, SR_UUID_SIZE, compare);
    for (size_t i = 1; i < 10000; i++)
        CHECK(strcmp(ids[i - 1], ids[i]) != 0);
}

static void every_free_bit_takes_both_values(void) {
    unsigned ones[36] = {0}, zeros[36] = {0};
    for (int i = 0; i < 500; i++) {
        char id[SR_UUID_SIZE];
        CHECK_INT(sr_uuid_v4(id), 0);
        for (int c = 0; c < 36; c++) {
            unsigned digit = (unsigned)strtoul((char[]){id[c], 0}, NULL, 16);
            ones[c] |= digit;
            zeros[c] |= ~digit & 15;
        }
    }
    for (int c = 0; c < 36; c++) {
        unsigned free_bits = c == 8 || c == 13 || c == 18 || c == 23 || c == 14 ? 0 : c == 19 ? 3 : 15;
        CHECK_INT(ones[c] & zeros[c] & free_bits, free_bits);
    }
}

int main(void) {
    CHECK_RUN(an_id_is_a_lower_case_version_4_uuid);
    CHECK_RUN(no_two_ids_are_alike);
    CHECK_RUN(every_free_bit_takes_both_values);
    return check_end();
}
