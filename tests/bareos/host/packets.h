/* The packets of module `bareosfd`: attributes fixed, types as in the daemon. */
#ifndef S3STREAM_HOST_PACKETS_H
#define S3STREAM_HOST_PACKETS_H

#include "host.h"

struct stat_packet {
    PyObject_HEAD
    unsigned int dev;
    unsigned long long ino;
    unsigned short mode, nlink;
    unsigned int uid, gid, rdev;
    unsigned long long size;
    long atime, mtime, ctime;
    unsigned int blksize;
    unsigned long long blocks;
};

struct save_packet {
    PyObject_HEAD
    PyObject *fname, *link, *statp, *flags, *cmd, *object_name, *object;
    int type, object_len, object_index;
    char no_read, portable, accurate_found;
    unsigned int save_time, delta_seq;
};

struct restore_packet {
    PyObject_HEAD
    PyObject *statp, *attr_ex, *ofname, *olname, *where, *regex_where;
    int stream, data_stream, type, file_index, link_fi, replace, create_status, filedes;
    unsigned int uid;
};

struct io_packet {
    PyObject_HEAD
    PyObject *buf, *fname;
    unsigned short func;
    int count, flags, mode, status, io_errno, lerror, whence, filedes;
    long long offset;
    char win32;
};

struct acl_packet {
    PyObject_HEAD
    PyObject *fname, *content;
};

struct xattr_packet {
    PyObject_HEAD
    PyObject *fname, *name, *value;
};

struct restore_object {
    PyObject_HEAD
    PyObject *object_name, *object, *plugin_name;
    int object_type, object_len, object_full_len, object_index, object_compression, stream;
    unsigned int jobid;
};

extern PyTypeObject StatPacket, SavePacket, RestorePacket, IoPacket, AclPacket, XattrPacket,
    RestoreObject;

/* Adds all packet types to the module; -1 with an exception. */
int add_packets(PyObject *module);

struct stat_packet *new_stat(void);
struct save_packet *new_save(const char *cmd);
struct restore_packet *new_restore(void);
struct io_packet *new_io(int func);
struct xattr_packet *new_xattr(const char *fname);
struct acl_packet *new_acl(const char *fname);

#endif
