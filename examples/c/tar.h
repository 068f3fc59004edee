/* A tar file of regular files, as GNU tar reads it. */
#ifndef TAR_H
#define TAR_H

#include <stdint.h>
#include <stddef.h>

struct tar {
    int file;
    /* Where the member that is being written began, in bytes. */
    int64_t start;
    uint64_t size;
    uint64_t written;
};

/* All return 0, or -1 and errno. */
int tar_create(struct tar *tar, const char *path);
/* Begins a member; `size` bytes must follow. */
int tar_begin(struct tar *tar, const char *name, uint64_t size, int64_t mtime);
int tar_write(struct tar *tar, const void *bytes, size_t count);
int tar_end(struct tar *tar);
/* Takes back the member that was begun: a file that is not whole is not there. */
int tar_abandon(struct tar *tar);
int tar_close(struct tar *tar);

#endif
