/* For ftruncate() and what open() knows since. */
#define _POSIX_C_SOURCE 200809L

#include "tar.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum { BLOCK = 512 };

static int put(int file, const void *bytes, size_t count) {
    const char *from = bytes;
    while (count > 0) {
        ssize_t written = write(file, from, count);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return -1;
        }
        from += written;
        count -= (size_t)written;
    }
    return 0;
}

static int pad(int file, uint64_t size) {
    static const char zeros[BLOCK];
    return put(file, zeros, (BLOCK - size % BLOCK) % BLOCK);
}

/* A number in octal, or in base 256 where that has not enough digits (GNU). */
static void number(char *field, size_t length, uint64_t value) {
    if (value < UINT64_C(1) << (3 * (length - 1))) {
        for (size_t i = length - 1; i-- > 0; value >>= 3) {
            field[i] = (char)('0' + (value & 7));
        }
    } else {
        for (size_t i = length; i-- > 0; value >>= 8) {
            field[i] = (char)(value & 0xff);
        }
        field[0] = (char)(field[0] | (char)0x80);
    }
}

static int header(int file, const char *name, char type, uint64_t size, int64_t mtime) {
    char block[BLOCK] = {0};
    unsigned sum = 0;
    size_t length = strlen(name);

    memcpy(block, name, length < 100 ? length : 100);
    number(block + 100, 8, 0644);
    number(block + 108, 8, 0);
    number(block + 116, 8, 0);
    number(block + 124, 12, size);
    number(block + 136, 12, mtime > 0 ? (uint64_t)mtime : 0);
    memset(block + 148, ' ', 8);
    block[156] = type;
    memcpy(block + 257, "ustar  ", 8);
    for (size_t i = 0; i < BLOCK; i++) {
        sum += (unsigned char)block[i];
    }
    number(block + 148, 7, sum);
    return put(file, block, BLOCK);
}

int tar_create(struct tar *tar, const char *path) {
    memset(tar, 0, sizeof *tar);
    tar->file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    return tar->file < 0 ? -1 : 0;
}

int tar_begin(struct tar *tar, const char *name, uint64_t size, int64_t mtime) {
    size_t length = strlen(name);

    tar->start = lseek(tar->file, 0, SEEK_CUR);
    tar->size = size;
    tar->written = 0;
    if (tar->start < 0) {
        return -1;
    }
    /* A name that does not fit comes before, as a member of its own (GNU). */
    if (length > 100 && (header(tar->file, "././@LongLink", 'L', length + 1, 0) != 0 ||
                         put(tar->file, name, length + 1) != 0 || pad(tar->file, length + 1) != 0)) {
        return -1;
    }
    return header(tar->file, name, '0', size, mtime);
}

int tar_write(struct tar *tar, const void *bytes, size_t count) {
    if (count > tar->size - tar->written) {
        errno = EFBIG;
        return -1;
    }
    tar->written += count;
    return put(tar->file, bytes, count);
}

int tar_end(struct tar *tar) {
    if (tar->written != tar->size) {
        errno = EPROTO;
        return -1;
    }
    return pad(tar->file, tar->size);
}

int tar_abandon(struct tar *tar) {
    if (ftruncate(tar->file, tar->start) != 0) {
        return -1;
    }
    return lseek(tar->file, tar->start, SEEK_SET) < 0 ? -1 : 0;
}

int tar_close(struct tar *tar) {
    static const char zeros[2 * BLOCK];
    int result = put(tar->file, zeros, sizeof zeros);
    /* Some file systems say only here that there was no room. */
    result |= fsync(tar->file);
    return close(tar->file) | result;
}
