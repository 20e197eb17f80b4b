/* Assertions for the C tests. A test is a function whose name reads as a sentence about behaviour; a failed check ends that test.
 */
#ifndef SR_CHECK_H
#define SR_CHECK_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int check_passed, check_failed, check_skipped;
static bool check_broken;

#define CHECK(condition)                                                                                                         \
    do {                                                                                                                         \
        if (!(condition)) {                                                                                                      \
            printf("    %s:%d: %s\n", __FILE__, __LINE__, #condition);                                                           \
            check_broken = true;                                                                                                 \
            return;                                                                                                              \
        }                                                                                                                        \
    } while (0)

#define CHECK_INT(got, want)                                                                                                     \
    do {                                                                                                                         \
        long long check_got = (long long)(got), check_want = (long long)(want);                                                  \
        if (check_got != check_want) {                                                                                           \
            printf("    %s:%d: %s is %lld, not %lld\n", __FILE__, __LINE__, #got, check_got, check_want);                        \
            check_broken = true;                                                                                                 \
            return;                                                                                                              \
        }                                                                                                                        \
    } while (0)

#define CHECK_STR(got, want)                                                                                                     \
    do {                                                                                                                         \
        const char *check_got = (got), *check_want = (want);                                                                     \
        if (strcmp(check_got, check_want) != 0) {                                                                                \
            printf("    %s:%d: %s is \"%s\", not \"%s\"\n", __FILE__, __LINE__, #got, check_got, check_want);                    \
            check_broken = true;                                                                                                 \
            return;                                                                                                              \
        }                                                                                                                        \
    } while (0)

/* For a test that this machine cannot run; says why, and is counted. */
#define CHECK_SKIP(reason)                                                                                                       \
    do {                                                                                                                         \
        printf("    skipped: %s\n", reason);                                                                                     \
        check_skipped++;                                                                                                         \
        return;                                                                                                                  \
    } while (0)

#define CHECK_RUN(test) check_run(#test, test)

static inline void check_run(const char *name, void (*test)(void)) {
    int skipped = check_skipped;
    check_broken = false;
    test();
    if (!check_broken && check_skipped != skipped)
        return;
    if (check_broken)
        check_failed++;
    else
        check_passed++;
    printf("  %s ", check_broken ? "FAILED" : "ok");
    for (; *name; name++)
        putchar(*name == '_' ? ' ' : *name);
    putchar('\n');
    fflush(stdout);
}

/* The last line of every test program (scripts/test-native adds them up), and its exit status. */
static inline int check_end(void) {
    printf("tests: %d passed, %d failed, %d skipped\n", check_passed, check_failed, check_skipped);
    return check_failed > 0;
}

/* A directory of the test's own, with room for the names in it; check_remove_dir takes it away with all it holds. */
static inline void check_make_dir(char *out, size_t size) {
    const char *base = getenv("TMPDIR");
    int n = snprintf(out, size, "%s/sr-test-XXXXXX", base && *base ? base : "/tmp");
    if (n < 0 || (size_t)n >= size || !mkdtemp(out)) {
        perror("mkdtemp");
        exit(99);
    }
}

static inline void check_remove_dir(const char *dir) {
    char command[600];
    int n = snprintf(command, sizeof command, "rm -rf -- '%s'", dir);
    if (n < 0 || (size_t)n >= sizeof command || system(command) != 0)
        printf("    could not remove %s\n", dir);
}

#endif
