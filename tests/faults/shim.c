/* Makes the N-th file operation of a kind fail, as a full or broken disk would; loaded with LD_PRELOAD.
 *
 * Only operations on files under a prefix count. An armed fault strikes the N-th operation of its kind, or that one and
 * all later ones, like a disk that stays full. A write may be cut short first: half of it is written, and what follows
 * fails. Calls that libc makes to itself (stdio) cannot be seen; opening by fopen can.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { WRITE, SYNC, RENAME, OPEN_WRITE, OPEN_READ, READ, MAKE_FOLDER, UNLINK, KINDS };
enum mode { ONCE, FROM_THEN_ON, SHORT_FIRST };

#define FILES 65536

static char prefix[PATH_MAX];
static size_t prefix_length;
static unsigned char ours[FILES]; /* open files under the prefix, by descriptor */
static long counts[KINDS];
static long struck;
static int armed_kind = -1, armed_mode, armed_errno;
static long armed_n;
static int sync_for_real = 1;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* ------------------------------------------------------------------ what tests call */

void arm(int kind, long n, int error, int mode, const char *under) {
    memset(counts, 0, sizeof counts);
    memset(ours, 0, sizeof ours);
    struck = 0;
    snprintf(prefix, sizeof prefix, "%s", under);
    prefix_length = strlen(prefix);
    armed_kind = kind, armed_n = n, armed_errno = error, armed_mode = mode;
}

void disarm(void) { armed_kind = -1; }

long count(int kind) { return counts[kind]; }

/* How many operations were failed since arm(). */
long failed(void) { return struck; }

/* 0: syncing files under the prefix is counted, and can fail, but asks nothing of the disk. */
void set_sync(int real) { sync_for_real = real; }

/* ------------------------------------------------------------------ what is counted */

static int under_prefix(int folder, const char *path) {
    char whole[2 * PATH_MAX + 2];
    if (!prefix_length || path == NULL)
        return 0;
    if (path[0] != '/') {
        char base[PATH_MAX] = "";
        if (folder == AT_FDCWD) {
            if (getcwd(base, sizeof base) == NULL)
                return 0;
        } else {
            char link[64];
            snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
            ssize_t length = readlink(link, base, sizeof base - 1);
            if (length < 0)
                return 0;
            base[length] = 0;
        }
        snprintf(whole, sizeof whole, "%s/%s", base, path);
        path = whole;
    }
    return strncmp(path, prefix, prefix_length) == 0 &&
           (path[prefix_length] == '/' || path[prefix_length] == 0);
}

static int is_ours(int file) { return file >= 0 && file < FILES && ours[file]; }

static int opened(int file, int mine) {
    if (file >= 0 && file < FILES)
        ours[file] = (unsigned char)mine;
    return file;
}

/* Count one operation; 1: it is to fail, and errno is set; 2: it is to be cut short. */
static int strikes(int kind) {
    long now = __sync_add_and_fetch(&counts[kind], 1);
    if (kind != armed_kind)
        return 0;
    if (armed_mode == SHORT_FIRST && now == armed_n)
        return 2;
    long first = armed_mode == SHORT_FIRST ? armed_n + 1 : armed_n;
    if (now == first || (now > first && armed_mode != ONCE)) {
        struck++;
        errno = armed_errno;
        return 1;
    }
    return 0;
}

/* ------------------------------------------------------------------ opening and closing */

static int opens_to_write(int flags) { return (flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT); }

static int open_fails(int mine, int flags) {
    return mine && strikes(opens_to_write(flags) ? OPEN_WRITE : OPEN_READ);
}

static mode_t mode_of(int flags, va_list rest) {
    return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(rest, mode_t) : 0;
}

#define OPEN(name)                                                                                           \
    int name(const char *path, int flags, ...) {                                                             \
        va_list rest;                                                                                        \
        va_start(rest, flags);                                                                               \
        mode_t mode = mode_of(flags, rest);                                                                  \
        va_end(rest);                                                                                        \
        int mine = under_prefix(AT_FDCWD, path);                                                             \
        return open_fails(mine, flags) ? -1 : opened(REAL(name)(path, flags, mode), mine);                   \
    }
#define OPENAT(name)                                                                                         \
    int name(int folder, const char *path, int flags, ...) {                                                 \
        va_list rest;                                                                                        \
        va_start(rest, flags);                                                                               \
        mode_t mode = mode_of(flags, rest);                                                                  \
        va_end(rest);                                                                                        \
        int mine = under_prefix(folder, path);                                                               \
        return open_fails(mine, flags) ? -1 : opened(REAL(name)(folder, path, flags, mode), mine);           \
    }
#define CREAT(name)                                                                                          \
    int name(const char *path, mode_t mode) {                                                                \
        int mine = under_prefix(AT_FDCWD, path);                                                             \
        return open_fails(mine, O_WRONLY | O_CREAT) ? -1 : opened(REAL(name)(path, mode), mine);             \
    }
/* The checked variants take no mode. */
int __open_2(const char *, int);
int __open64_2(const char *, int);
int __openat_2(int, const char *, int);
int __openat64_2(int, const char *, int);
#define OPEN_2(name)                                                                                         \
    int name(const char *path, int flags) {                                                                  \
        int mine = under_prefix(AT_FDCWD, path);                                                             \
        return open_fails(mine, flags) ? -1 : opened(REAL(name)(path, flags), mine);                         \
    }
#define OPENAT_2(name)                                                                                       \
    int name(int folder, const char *path, int flags) {                                                      \
        int mine = under_prefix(folder, path);                                                               \
        return open_fails(mine, flags) ? -1 : opened(REAL(name)(folder, path, flags), mine);                 \
    }
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)
CREAT(creat)
CREAT(creat64)
OPEN_2(__open_2)
OPEN_2(__open64_2)
OPENAT_2(__openat_2)
OPENAT_2(__openat64_2)

#define FOPEN(name)                                                                                          \
    FILE *name(const char *path, const char *how) {                                                          \
        int mine = under_prefix(AT_FDCWD, path);                                                             \
        if (open_fails(mine, how[0] == 'r' && !strchr(how, '+') ? O_RDONLY : O_RDWR))                        \
            return NULL;                                                                                     \
        FILE *file = REAL(name)(path, how);                                                                  \
        if (file != NULL)                                                                                    \
            opened(fileno(file), mine);                                                                      \
        return file;                                                                                         \
    }
FOPEN(fopen)
FOPEN(fopen64)

int close(int file) {
    opened(file, 0);
    return REAL(close)(file);
}

int dup(int file) {
    int mine = is_ours(file);
    return opened(REAL(dup)(file), mine);
}

int dup2(int file, int as) {
    int mine = is_ours(file);
    return opened(REAL(dup2)(file, as), mine);
}

int dup3(int file, int as, int flags) {
    int mine = is_ours(file);
    return opened(REAL(dup3)(file, as, flags), mine);
}

/* ------------------------------------------------------------------ writing and reading */

/* Bytes of a write of `size` that are to be written; -1: it fails. */
static ssize_t allowed(int file, size_t size) {
    if (!is_ours(file))
        return (ssize_t)size;
    int strike = strikes(WRITE);
    return strike == 1 ? -1 : strike == 2 && size > 1 ? (ssize_t)(size / 2) : (ssize_t)size;
}

ssize_t write(int file, const void *data, size_t size) {
    ssize_t most = allowed(file, size);
    return most < 0 ? -1 : REAL(write)(file, data, (size_t)most);
}

ssize_t pwrite(int file, const void *data, size_t size, off_t at) {
    ssize_t most = allowed(file, size);
    return most < 0 ? -1 : REAL(pwrite)(file, data, (size_t)most, at);
}

ssize_t pwrite64(int file, const void *data, size_t size, off64_t at) {
    ssize_t most = allowed(file, size);
    return most < 0 ? -1 : REAL(pwrite64)(file, data, (size_t)most, at);
}

ssize_t writev(int file, const struct iovec *parts, int number) {
    ssize_t most = allowed(file, number > 1 ? 2 : 1);
    /* Cut short, only the first part is written. */
    return most < 0 ? -1 : REAL(writev)(file, parts, number > 1 && most == 1 ? 1 : number);
}

ssize_t copy_file_range(int from, off64_t *from_at, int to, off64_t *to_at, size_t size, unsigned flags) {
    ssize_t most = allowed(to, size);
    return most < 0 ? -1 : REAL(copy_file_range)(from, from_at, to, to_at, (size_t)most, flags);
}

ssize_t sendfile(int to, int from, off_t *at, size_t size);
ssize_t sendfile(int to, int from, off_t *at, size_t size) {
    ssize_t most = allowed(to, size);
    return most < 0 ? -1 : REAL(sendfile)(to, from, at, (size_t)most);
}

ssize_t sendfile64(int to, int from, off64_t *at, size_t size);
ssize_t sendfile64(int to, int from, off64_t *at, size_t size) {
    ssize_t most = allowed(to, size);
    return most < 0 ? -1 : REAL(sendfile64)(to, from, at, (size_t)most);
}

ssize_t read(int file, void *data, size_t size) {
    return is_ours(file) && strikes(READ) ? -1 : REAL(read)(file, data, size);
}

ssize_t pread(int file, void *data, size_t size, off_t at) {
    return is_ours(file) && strikes(READ) ? -1 : REAL(pread)(file, data, size, at);
}

ssize_t pread64(int file, void *data, size_t size, off64_t at) {
    return is_ours(file) && strikes(READ) ? -1 : REAL(pread64)(file, data, size, at);
}

static int sync_as_told(int file, int (*real)(int)) {
    if (is_ours(file)) {
        if (strikes(SYNC))
            return -1;
        if (!sync_for_real)
            return 0;
    }
    return real(file);
}

int fsync(int file) { return sync_as_told(file, REAL(fsync)); }

int fdatasync(int file) { return sync_as_told(file, REAL(fdatasync)); }

/* ------------------------------------------------------------------ names */

int rename(const char *old, const char *new) {
    return under_prefix(AT_FDCWD, new) && strikes(RENAME) ? -1 : REAL(rename)(old, new);
}

int renameat(int old_folder, const char *old, int folder, const char *new) {
    return under_prefix(folder, new) && strikes(RENAME) ? -1 : REAL(renameat)(old_folder, old, folder, new);
}

int renameat2(int old_folder, const char *old, int folder, const char *new, unsigned flags) {
    return under_prefix(folder, new) && strikes(RENAME)
               ? -1
               : REAL(renameat2)(old_folder, old, folder, new, flags);
}

int link(const char *old, const char *new) {
    return under_prefix(AT_FDCWD, new) && strikes(RENAME) ? -1 : REAL(link)(old, new);
}

int linkat(int old_folder, const char *old, int folder, const char *new, int flags) {
    return under_prefix(folder, new) && strikes(RENAME)
               ? -1
               : REAL(linkat)(old_folder, old, folder, new, flags);
}

int mkdir(const char *path, mode_t mode) {
    return under_prefix(AT_FDCWD, path) && strikes(MAKE_FOLDER) ? -1 : REAL(mkdir)(path, mode);
}

int mkdirat(int folder, const char *path, mode_t mode) {
    return under_prefix(folder, path) && strikes(MAKE_FOLDER) ? -1 : REAL(mkdirat)(folder, path, mode);
}

int unlink(const char *path) {
    return under_prefix(AT_FDCWD, path) && strikes(UNLINK) ? -1 : REAL(unlink)(path);
}

int unlinkat(int folder, const char *path, int flags) {
    return under_prefix(folder, path) && strikes(UNLINK) ? -1 : REAL(unlinkat)(folder, path, flags);
}
