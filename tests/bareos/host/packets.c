/* The packets of module `bareosfd`. */
#include "packets.h"

#include <structmember.h>
#include <time.h>

#define MEMBER(packet, name, kind) {#name, kind, offsetof(struct packet, name), 0, NULL}
#define FIXED(packet, name, kind) {#name, kind, offsetof(struct packet, name), READONLY, NULL}
#define NAMED(packet, shown, field, kind, flags) \
    {shown, kind, offsetof(struct packet, field), flags, NULL}

static PyMemberDef stat_members[] = {
    NAMED(stat_packet, "st_dev", dev, T_UINT, 0),
    NAMED(stat_packet, "st_ino", ino, T_ULONGLONG, 0),
    NAMED(stat_packet, "st_mode", mode, T_USHORT, 0),
    NAMED(stat_packet, "st_nlink", nlink, T_USHORT, 0),
    NAMED(stat_packet, "st_uid", uid, T_UINT, 0),
    NAMED(stat_packet, "st_gid", gid, T_UINT, 0),
    NAMED(stat_packet, "st_rdev", rdev, T_UINT, 0),
    NAMED(stat_packet, "st_size", size, T_ULONGLONG, 0),
    NAMED(stat_packet, "st_atime", atime, T_LONG, 0),
    NAMED(stat_packet, "st_mtime", mtime, T_LONG, 0),
    NAMED(stat_packet, "st_ctime", ctime, T_LONG, 0),
    NAMED(stat_packet, "st_blksize", blksize, T_UINT, 0),
    NAMED(stat_packet, "st_blocks", blocks, T_ULONGLONG, 0),
    {0},
};

static PyMemberDef save_members[] = {
    MEMBER(save_packet, fname, T_OBJECT), MEMBER(save_packet, link, T_OBJECT),
    MEMBER(save_packet, statp, T_OBJECT), MEMBER(save_packet, type, T_INT),
    MEMBER(save_packet, flags, T_OBJECT), MEMBER(save_packet, no_read, T_BOOL),
    MEMBER(save_packet, portable, T_BOOL), MEMBER(save_packet, accurate_found, T_BOOL),
    FIXED(save_packet, cmd, T_OBJECT), MEMBER(save_packet, save_time, T_UINT),
    MEMBER(save_packet, delta_seq, T_UINT), MEMBER(save_packet, object_name, T_OBJECT),
    MEMBER(save_packet, object, T_OBJECT), MEMBER(save_packet, object_len, T_INT),
    MEMBER(save_packet, object_index, T_INT), {0},
};

static PyMemberDef restore_members[] = {
    MEMBER(restore_packet, stream, T_INT), MEMBER(restore_packet, data_stream, T_INT),
    MEMBER(restore_packet, type, T_INT), MEMBER(restore_packet, file_index, T_INT),
    NAMED(restore_packet, "linkFI", link_fi, T_INT, 0), MEMBER(restore_packet, uid, T_UINT),
    MEMBER(restore_packet, statp, T_OBJECT),
    NAMED(restore_packet, "attrEX", attr_ex, T_OBJECT, READONLY),
    FIXED(restore_packet, ofname, T_OBJECT), FIXED(restore_packet, olname, T_OBJECT),
    FIXED(restore_packet, where, T_OBJECT),
    NAMED(restore_packet, "regexwhere", regex_where, T_OBJECT, READONLY),
    MEMBER(restore_packet, replace, T_INT), MEMBER(restore_packet, create_status, T_INT),
    MEMBER(restore_packet, filedes, T_INT), {0},
};

static PyMemberDef io_members[] = {
    MEMBER(io_packet, func, T_USHORT), MEMBER(io_packet, count, T_INT),
    MEMBER(io_packet, flags, T_INT), MEMBER(io_packet, mode, T_INT),
    MEMBER(io_packet, buf, T_OBJECT), FIXED(io_packet, fname, T_OBJECT),
    MEMBER(io_packet, status, T_INT), MEMBER(io_packet, io_errno, T_INT),
    MEMBER(io_packet, lerror, T_INT), MEMBER(io_packet, whence, T_INT),
    MEMBER(io_packet, offset, T_LONGLONG), MEMBER(io_packet, win32, T_BOOL),
    MEMBER(io_packet, filedes, T_INT), {0},
};

static PyMemberDef acl_members[] = {
    FIXED(acl_packet, fname, T_OBJECT), MEMBER(acl_packet, content, T_OBJECT), {0},
};

static PyMemberDef xattr_members[] = {
    FIXED(xattr_packet, fname, T_OBJECT), MEMBER(xattr_packet, name, T_OBJECT),
    MEMBER(xattr_packet, value, T_OBJECT), {0},
};

static PyMemberDef restore_object_members[] = {
    MEMBER(restore_object, object_name, T_OBJECT), MEMBER(restore_object, object, T_OBJECT),
    FIXED(restore_object, plugin_name, T_OBJECT), MEMBER(restore_object, object_type, T_INT),
    MEMBER(restore_object, object_len, T_INT), MEMBER(restore_object, object_full_len, T_INT),
    MEMBER(restore_object, object_index, T_INT),
    MEMBER(restore_object, object_compression, T_INT), MEMBER(restore_object, stream, T_INT),
    MEMBER(restore_object, jobid, T_UINT), {0},
};

static int stat_init(PyObject *self, PyObject *arguments, PyObject *names) {
    static char *keywords[] = {"dev", "ino", "mode", "nlink", "uid", "gid", "rdev", "size",
                               "atime", "mtime", "ctime", "blksize", "blocks", NULL};
    struct stat_packet *stat = (struct stat_packet *)self;
    stat->dev = 0;
    stat->ino = 0;
    stat->mode = 0100700;
    stat->nlink = 0;
    stat->uid = stat->gid = stat->rdev = 0;
    stat->size = UINT64_MAX;
    stat->atime = stat->mtime = stat->ctime = time(NULL);
    stat->blksize = 4096;
    stat->blocks = 1;
    return PyArg_ParseTupleAndKeywords(
               arguments, names, "|IKHHIIIKlllIK", keywords, &stat->dev, &stat->ino, &stat->mode,
               &stat->nlink, &stat->uid, &stat->gid, &stat->rdev, &stat->size, &stat->atime,
               &stat->mtime, &stat->ctime, &stat->blksize, &stat->blocks)
               ? 0
               : -1;
}

/* Lets go of every object that a packet's members name. */
static void packet_dealloc(PyObject *self) {
    for (PyTypeObject *type = Py_TYPE(self); type != NULL; type = type->tp_base) {
        PyMemberDef *member = type->tp_members;
        for (; member != NULL && member->name != NULL; member++) {
            if (member->type == T_OBJECT) {
                Py_CLEAR(*(PyObject **)((char *)self + member->offset));
            }
        }
    }
    Py_TYPE(self)->tp_free(self);
}

#define PACKET(type, members, init)                                                    \
    PyTypeObject type = {                                                              \
        PyVarObject_HEAD_INIT(NULL, 0).tp_name = "bareosfd." #type,                    \
        .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, .tp_members = members,   \
        .tp_new = PyType_GenericNew, .tp_init = init, .tp_dealloc = packet_dealloc,

PACKET(StatPacket, stat_members, stat_init) .tp_basicsize = sizeof(struct stat_packet)};
PACKET(SavePacket, save_members, NULL) .tp_basicsize = sizeof(struct save_packet)};
PACKET(RestorePacket, restore_members, NULL) .tp_basicsize = sizeof(struct restore_packet)};
PACKET(IoPacket, io_members, NULL) .tp_basicsize = sizeof(struct io_packet)};
PACKET(AclPacket, acl_members, NULL) .tp_basicsize = sizeof(struct acl_packet)};
PACKET(XattrPacket, xattr_members, NULL) .tp_basicsize = sizeof(struct xattr_packet)};
PACKET(RestoreObject, restore_object_members, NULL) .tp_basicsize = sizeof(struct restore_object)};

int add_packets(PyObject *module) {
    static const struct {
        const char *name;
        PyTypeObject *type;
    } types[] = {
        {"StatPacket", &StatPacket}, {"SavePacket", &SavePacket},
        {"RestorePacket", &RestorePacket}, {"IoPacket", &IoPacket}, {"AclPacket", &AclPacket},
        {"XattrPacket", &XattrPacket}, {"RestoreObject", &RestoreObject},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (PyType_Ready(types[i].type) < 0) {
            return -1;
        }
        Py_INCREF(types[i].type);
        if (PyModule_AddObject(module, types[i].name, (PyObject *)types[i].type) < 0) {
            Py_DECREF(types[i].type);
            return -1;
        }
    }
    return 0;
}

static void *made(PyTypeObject *type) {
    PyObject *packet = PyObject_CallNoArgs((PyObject *)type);
    if (packet == NULL) {
        PyErr_Print();
        fail("no memory for a %s", type->tp_name);
    }
    return packet;
}

struct stat_packet *new_stat(void) { return made(&StatPacket); }
struct restore_packet *new_restore(void) { return made(&RestorePacket); }

struct save_packet *new_save(const char *cmd) {
    static const char flags[5];
    struct save_packet *packet = made(&SavePacket);
    packet->fname = PyUnicode_FromString("");
    packet->link = PyUnicode_FromString("");
    packet->cmd = PyUnicode_FromString(cmd);
    packet->flags = PyByteArray_FromStringAndSize(flags, sizeof flags);
    packet->portable = 1;
    return packet;
}

struct io_packet *new_io(int func) {
    struct io_packet *packet = made(&IoPacket);
    packet->func = (unsigned short)func;
    packet->filedes = -1;
    return packet;
}

struct xattr_packet *new_xattr(const char *fname) {
    struct xattr_packet *packet = made(&XattrPacket);
    packet->fname = PyUnicode_FromString(fname);
    return packet;
}

struct acl_packet *new_acl(const char *fname) {
    struct acl_packet *packet = made(&AclPacket);
    packet->fname = PyUnicode_FromString(fname);
    return packet;
}
