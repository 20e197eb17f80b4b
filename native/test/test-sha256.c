#include "sha256.h"

#include "check.h"

static void digest(const void *data, size_t len, char out[SR_SHA256_HEX_SIZE]) {
    struct sr_sha256 h;
    sr_sha256_init(&h);
    sr_sha256_update(&h, data, len);
    sr_sha256_hex(&h, out);
}

static const struct {
    const char *text, *hex;
} published[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
     "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
};

static bool published_digests_come_out(void) {
    static char as[1000000];
    char hex[SR_SHA256_HEX_SIZE];
    bool all = true;
    for (size_t i = 0; i < sizeof published / sizeof published[0]; i++) {
        digest(published[i].text, strlen(published[i].text), hex);
        all = all && strcmp(hex, published[i].hex) == 0;
    }
    memset(as, 'a', sizeof as);
    digest(as, sizeof as, hex);
    return all && strcmp(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0") == 0;
}

/* Around the place where the bit count no longer fits in the last block: so many letters a. */
static const struct {
    size_t len;
    const char *hex;
} edges[] = {
    {55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
    {56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"},
    {63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"},
    {64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
    {119, "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb"},
    {120, "2f3d335432c70b580af0e8e1b3674a7c020d683aa5f73aaaedfdc55af904c21c"},
};

static void padding_is_right_on_both_sides_of_a_blocks_end(void) {
    char as[120], hex[SR_SHA256_HEX_SIZE];
    memset(as, 'a', sizeof as);
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
        digest(as, edges[i].len, hex);
        CHECK_STR(hex, edges[i].hex);
    }
}

static void the_portable_code_gives_the_published_digests(void) {
    sr_sha256_force_portable(1);
    CHECK_INT(sr_sha256_accelerated(), 0);
    CHECK(published_digests_come_out());
    sr_sha256_force_portable(0);
}

static void the_cpus_instructions_give_the_published_digests(void) {
    if (!sr_sha256_accelerated())
        CHECK_SKIP("this CPU has no SHA instructions");
    CHECK(published_digests_come_out());
}

static void any_length_in_any_chunks_gives_the_same_digest_on_both_paths(void) {
    uint8_t data[4096];
    unsigned seed = 7;
    if (!sr_sha256_accelerated())
        CHECK_SKIP("this CPU has no SHA instructions");
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)rand_r(&seed);
    for (size_t len = 0; len <= sizeof data; len += len < 300 ? 1 : 173) {
        /* An exact copy at an odd address: the sanitizer sees every read past it. */
        uint8_t *copy = malloc(len + 1);
        char portable[SR_SHA256_HEX_SIZE], fast[SR_SHA256_HEX_SIZE], chunked[SR_SHA256_HEX_SIZE];
        struct sr_sha256 h;
        memcpy(copy + 1, data, len);
        sr_sha256_force_portable(1);
        digest(copy + 1, len, portable);
        sr_sha256_force_portable(0);
        digest(copy + 1, len, fast);
        sr_sha256_init(&h);
        for (size_t at = 0; at < len;) {
            size_t chunk = (size_t)rand_r(&seed) % 130;
            chunk = chunk < len - at ? chunk : len - at;
            /* A path may change in the middle: both keep the same state. */
            sr_sha256_force_portable((int)(chunk & 1));
            sr_sha256_update(&h, copy + 1 + at, chunk);
            at += chunk;
        }
        sr_sha256_force_portable(0);
        sr_sha256_hex(&h, chunked);
        free(copy);
        CHECK_STR(fast, portable);
        CHECK_STR(chunked, portable);
    }
}

static void stating_a_running_digest_does_not_disturb_it(void) {
    struct sr_sha256 h;
    char early[SR_SHA256_HEX_SIZE], again[SR_SHA256_HEX_SIZE], late[SR_SHA256_HEX_SIZE];
    sr_sha256_init(&h);
    sr_sha256_update(&h, "a", 1);
    sr_sha256_hex(&h, early);
    sr_sha256_hex(&h, again);
    CHECK_STR(again, early);
    sr_sha256_update(&h, "bc", 2);
    sr_sha256_hex(&h, late);
    CHECK_STR(late, published[1].hex);
}

static void nothing_at_a_null_pointer_is_nothing(void) {
    struct sr_sha256 h;
    char hex[SR_SHA256_HEX_SIZE];
    sr_sha256_init(&h);
    sr_sha256_update(&h, NULL, 0);
    sr_sha256_hex(&h, hex);
    CHECK_STR(hex, published[0].hex);
}

int main(void) {
    CHECK_RUN(the_portable_code_gives_the_published_digests);
    CHECK_RUN(padding_is_right_on_both_sides_of_a_blocks_end);
    CHECK_RUN(the_cpus_instructions_give_the_published_digests);
    CHECK_RUN(any_length_in_any_chunks_gives_the_same_digest_on_both_paths);
    CHECK_RUN(stating_a_running_digest_does_not_disturb_it);
    CHECK_RUN(nothing_at_a_null_pointer_is_nothing);
    return check_end();
}
