/* Makes calls on the database's files fail, as told by files in the folder $FAULT_FOLDER:
 *   syncs-fail   while it exists, every sync fails with EIO;
 *   nth          numbers, each with a space behind it: the n-th call from now on fails with EIO, then the m-th after
 *                that …; removed when all have been.
 * Each failure is noted as a letter in the file "fired". Loaded into the server by LD_PRELOAD; knows nothing of it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long left = -1;
static long taken = 0;

static const char *at(char *path, const char *name) {
    const char *folder = getenv("FAULT_FOLDER");
    snprintf(path, PATH_MAX, "%s/%s", folder ? folder : "/nonexistent", name);
    return path;
}

static int is_database(int fd) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n < 0) return 0;
    path[n] = 0;
    return strstr(path, "/chatroom.db") != NULL;
}

static void note(char what) {
    char path[PATH_MAX];
    FILE *file = fopen(at(path, "fired"), "a");
    if (file) { fputc(what, file); fclose(file); }
}

/* Whether the call that is about to be made is the one to fail. */
static int due(void) {
    char path[PATH_MAX];
    FILE *file = fopen(at(path, "nth"), "r");
    if (!file) { left = -1; taken = 0; return 0; }
    if (left < 0) {
        for (long i = 0; i <= taken; i++)
            if (fscanf(file, "%ld", &left) != 1) left = -1;
    }
    int hit = left > 0 && --left == 0;
    if (hit) {
        long next;
        taken++;
        rewind(file);
        for (long i = 0; i <= taken; i++)
            if (fscanf(file, "%ld", &next) != 1) { unlink(path); taken = 0; break; }
        left = -1;
    }
    fclose(file);
    return hit;
}

static int fails(int fd, char what) {
    if (!is_database(fd)) return 0;
    int keep = errno;
    char path[PATH_MAX];
    pthread_mutex_lock(&lock);
    int hit = due() || (what == 's' && access(at(path, "syncs-fail"), F_OK) == 0);
    if (hit) note(what);
    pthread_mutex_unlock(&lock);
    errno = hit ? EIO : keep;
    return hit;
}

#define REAL(type, name, args) static type (*real) args; if (!real) real = (type (*) args) dlsym(RTLD_NEXT, name)

int fsync(int fd) { REAL(int, "fsync", (int)); return fails(fd, 's') ? -1 : real(fd); }
int fdatasync(int fd) { REAL(int, "fdatasync", (int)); return fails(fd, 's') ? -1 : real(fd); }
int ftruncate(int fd, off_t n) { REAL(int, "ftruncate", (int, off_t)); return fails(fd, 't') ? -1 : real(fd, n); }
int ftruncate64(int fd, off64_t n) { REAL(int, "ftruncate64", (int, off64_t)); return fails(fd, 't') ? -1 : real(fd, n); }
ssize_t write(int fd, const void *from, size_t n) {
    REAL(ssize_t, "write", (int, const void *, size_t));
    return fails(fd, 'w') ? -1 : real(fd, from, n);
}
ssize_t pwrite(int fd, const void *from, size_t n, off_t where) {
    REAL(ssize_t, "pwrite", (int, const void *, size_t, off_t));
    return fails(fd, 'w') ? -1 : real(fd, from, n, where);
}
ssize_t pwrite64(int fd, const void *from, size_t n, off64_t where) {
    REAL(ssize_t, "pwrite64", (int, const void *, size_t, off64_t));
    return fails(fd, 'w') ? -1 : real(fd, from, n, where);
}
