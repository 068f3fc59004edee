/*
 * s3stream: S3 objects as streams for backup agents.
 *
 *     s3stream_client *client;
 *     s3stream_reader *reader;
 *     char buffer[256 * 1024];
 *     size_t count;
 *
 *     if (s3stream_client_new(NULL, &client) != S3STREAM_OK ||
 *         s3stream_client_open(client, "bucket", "key", NULL, &reader) != S3STREAM_OK)
 *         die(s3stream_error_line(s3stream_last_error()));
 *     while (s3stream_reader_read(reader, buffer, sizeof buffer, &count) == S3STREAM_OK && count > 0)
 *         store(buffer, count);
 *     if (s3stream_reader_verdict(reader) == NULL)
 *         die(s3stream_error_line(s3stream_last_error()));
 *
 * What holds for every function, unless its own comment says otherwise:
 *
 * Ownership. What is written to a `type **` is the caller's, who frees it once by the `_free` of
 * its type; so is what a `_new` or `_clone` returns. A `const` pointer that a function returns or
 * gives is borrowed: from what, and until when, stands there. Handles may be freed in any order,
 * whatever they were made from. No call takes a handle over but its `_free`. `_free` takes NULL.
 * As with free(), freeing twice and using what was freed is undefined.
 *
 * Errors. A function that can fail returns an s3stream_status. Outputs are written only if it is
 * S3STREAM_OK; otherwise s3stream_last_error() tells this thread all there is to know. Functions
 * that return a value return 0, NULL or false where they fail, and tell the same way.
 *
 * NULL where it is not allowed is S3STREAM_INVALID_INPUT, never a crash.
 *
 * Texts that go in are UTF-8 with a NUL behind them, and are copied. Texts that come out are the
 * same, and borrowed. Sizes, offsets and lengths are in bytes.
 *
 * Threads. A client, and whatever never changes, may be used by any number of threads at once.
 * Of every other handle one thread uses one at a time, not always the same; a second one is
 * refused with S3STREAM_INVALID_INPUT. `_cancel` is for any thread at any time. Before `_free`
 * all other calls with the handle must have returned: cancel first, and wait for them.
 *
 * Waiting. Calls wait for the network for as long as the settings allow: stall_timeout for bytes
 * that do not come, max_attempts for repetitions. A signal does not end a wait; `_cancel` does.
 *
 * The library prints nothing, installs no signal handler and changes no locale or environment.
 * Threads of its own start at the first use that needs one, block all signals, and never call
 * the caller. A bug of ours is S3STREAM_INTERNAL; a handle that it happened to can only be freed.
 * After a fork() the child may use its clients, and make new ones. Running out of memory aborts.
 */

#ifndef S3STREAM_H
#define S3STREAM_H

/* Made from s3stream-ffi/src by cbindgen; changes belong there. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * The version of this interface: raised whenever a program that was built against an older
 * header would no longer work. The SONAME has the same number.
 */
#define S3STREAM_ABI_VERSION 1

/**
 * What became of a call: 0, or what sort of failure it was.
 *
 * The same table in C, Python and Rust. A later version may return a number that is not
 * here: treat it as a failure.
 */
enum s3stream_status
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * It worked, and the outputs are written.
     */
    S3STREAM_OK = 0,
    /**
     * A setting or argument that cannot work; nothing was sent for it. EINVAL
     */
    S3STREAM_INVALID_INPUT = 1,
    /**
     * No such key, bucket or version; a delete marker too. ENOENT
     */
    S3STREAM_NOT_FOUND = 2,
    /**
     * The server refused the credentials or the permission. EACCES
     */
    S3STREAM_ACCESS_DENIED = 3,
    /**
     * No longer the object that was opened. ESTALE
     */
    S3STREAM_CHANGED = 4,
    /**
     * The server asked for fewer requests, and kept asking. EBUSY
     */
    S3STREAM_THROTTLED = 5,
    /**
     * No byte came for as long as the settings allow. ETIMEDOUT
     */
    S3STREAM_TIMED_OUT = 6,
    /**
     * The connection could not be made, or broke; certificate errors too. ECONNABORTED
     */
    S3STREAM_CONNECTION = 7,
    /**
     * Any other reply of status 400 or above. EIO
     */
    S3STREAM_SERVICE = 8,
    /**
     * A reply that is not S3's. EPROTO
     */
    S3STREAM_PROTOCOL = 9,
    /**
     * The bytes are not the server's bytes: length or checksum disagree. EBADMSG
     */
    S3STREAM_INTEGRITY = 10,
    /**
     * Cancelled by the caller. ECANCELED
     */
    S3STREAM_CANCELLED = 11,
    /**
     * A bug of this library; the handle can only be freed. ENOTRECOVERABLE
     */
    S3STREAM_INTERNAL = 12,
    /**
     * The object is in an archive class and must be restored first. ENODATA
     */
    S3STREAM_ARCHIVED = 13,
    /**
     * The thing to be created is there already. EEXIST
     */
    S3STREAM_ALREADY_EXISTS = 14,
    /**
     * The server does not implement what was asked. ENOTSUP
     */
    S3STREAM_UNSUPPORTED = 15,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum s3stream_status s3stream_status;
#else
typedef int32_t s3stream_status;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Who owns an object, and who else may do what with it.
 */
typedef struct s3stream_acl s3stream_acl;

/**
 * The buckets of a client's credentials. Never changes: any number of threads may read it.
 */
typedef struct s3stream_buckets s3stream_buckets;

/**
 * A client of one S3 service. Any number of threads may use it at once.
 *
 * Nothing is sent and no thread is started before its first use. After a fork() the child may
 * go on using it: it makes connections of its own there. Readers, listings and streams from
 * before the fork fail in the child, and can be freed there without harm to the parent's.
 */
typedef struct s3stream_client s3stream_client;

/**
 * Settings of a client that is to be made.
 *
 * What is not set comes from the environment (AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL,
 * AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_PROFILE, ...)
 * and from ~/.aws/config and ~/.aws/credentials, as every S3 user expects.
 */
typedef struct s3stream_config s3stream_config;

/**
 * One item of a listing: an object, or, in a listing with a delimiter, a common prefix.
 */
typedef struct s3stream_entry s3stream_entry;

/**
 * Why a call failed: a status, and what an operator needs to know.
 */
typedef struct s3stream_error s3stream_error;

/**
 * A listing in progress, in ascending order of the keys' bytes unless s3stream_list_order() says
 * otherwise; one thread at a time.
 */
typedef struct s3stream_list s3stream_list;

/**
 * What to list: all of a bucket, unless narrowed.
 */
typedef struct s3stream_list_options s3stream_list_options;

/**
 * File names for the keys of one listing, in which both "a" and "a/b" may be keys; one thread
 * at a time.
 */
typedef struct s3stream_names s3stream_names;

/**
 * One object, or one version of it, as a listing or a reply describes it.
 *
 * Never changes: any number of threads may read one. Texts are borrowed from it, UTF-8, with a
 * NUL behind them; NULL means that the server did not say.
 */
typedef struct s3stream_object s3stream_object;

/**
 * Which version of an object to open, and which part of it.
 */
typedef struct s3stream_open_options s3stream_open_options;

/**
 * One object being read; one thread at a time, but not always the same.
 *
 * It may rest for hours between two reads: a connection that breaks meanwhile is replaced, and
 * the object taken up where it was, if it is still the same.
 */
typedef struct s3stream_reader s3stream_reader;

/**
 * What a client had done when it was asked.
 */
typedef struct s3stream_stats s3stream_stats;

/**
 * The readers of many objects, in order, fetched ahead by the client's one thread; one thread
 * at a time.
 *
 * Objects come from listings, s3stream_stream_feed(), or one by one, s3stream_stream_push() and
 * its kin; s3stream_stream_next() gives their readers in that order.
 */
typedef struct s3stream_stream s3stream_stream;

/**
 * How a stream reads ahead.
 */
typedef struct s3stream_stream_options s3stream_stream_options;

/**
 * The tags of an object.
 */
typedef struct s3stream_tags s3stream_tags;

/**
 * Text that the library made; owned by whoever got it.
 */
typedef struct s3stream_text s3stream_text;

/**
 * What was proven about the bytes of one reader, and what it took to get them.
 */
typedef struct s3stream_verdict s3stream_verdict;

/**
 * One object that a stream is to read, where its key or its listing does not say enough.
 */
typedef struct s3stream_wanted s3stream_wanted;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The version of the library, such as "0.1.0". Lives as long as the process.
 */
const char *s3stream_version(void);

/**
 * The S3STREAM_ABI_VERSION of the library that was loaded: compare it with the header's.
 */
uint32_t s3stream_abi_version(void);

/**
 * The name of a status in lower case ("not_found"), "ok" for 0, NULL for a number that is
 * none. Lives as long as the process.
 */
const char *s3stream_status_name(int32_t status);

/**
 * The errno of a status, for an agent that speaks errno; 0 for 0, EINVAL for a number that
 * is no status.
 */
int32_t s3stream_status_errno(int32_t status);

/**
 * The text, UTF-8, with a NUL behind it; a key may have NULs in it as well. Borrowed from
 * `text`. NULL if `text` is NULL.
 */
const char *s3stream_text_data(const s3stream_text *text);

/**
 * Bytes of the text, without the NUL behind it.
 */
size_t s3stream_text_length(const s3stream_text *text);

/**
 * Frees it; NULL is allowed.
 */
void s3stream_text_free(s3stream_text *text);

/**
 * The error of the last call in this thread that failed; NULL if none has.
 *
 * Borrowed: it lives until the next call in this thread that fails, or until the thread ends.
 * A call that works leaves it alone, so ask only after a failure. Keep it by
 * s3stream_error_clone().
 */
const s3stream_error *s3stream_last_error(void);

/**
 * A copy that the caller owns; may go to another thread. NULL if `error` is NULL.
 */
s3stream_error *s3stream_error_clone(const s3stream_error *error);

/**
 * Frees a copy; NULL is allowed.
 */
void s3stream_error_free(s3stream_error *error);

/**
 * The status that the call returned; S3STREAM_OK if `error` is NULL.
 */
s3stream_status s3stream_error_status(const s3stream_error *error);

/**
 * The errno of the status; 0 if `error` is NULL.
 */
int s3stream_error_errno(const s3stream_error *error);

/**
 * The HTTP status of the server's reply, such as 404; 0 if there was no reply.
 */
int s3stream_error_http_status(const s3stream_error *error);

/**
 * How many requests were sent before giving up; 0 if none was.
 */
uint32_t s3stream_error_attempts(const s3stream_error *error);

/**
 * 1 if the endpoint answered nothing at all for as long as `retry_for` allows: it is nothing about
 * this object, and the next one will fare no better. 0 otherwise.
 */
int s3stream_error_is_outage(const s3stream_error *error);

/**
 * The S3 code of the reply ("NoSuchKey"); NULL if it had none. Borrowed from `error`, as are
 * all texts below.
 */
const char *s3stream_error_code(const s3stream_error *error);

/**
 * The server's request id, for its operator; NULL if there was no reply.
 */
const char *s3stream_error_request_id(const s3stream_error *error);

/**
 * The bucket that the call was about; NULL if it was about none.
 */
const char *s3stream_error_bucket(const s3stream_error *error);

/**
 * The key that the call was about; NULL if it was about none.
 */
const char *s3stream_error_key(const s3stream_error *error);

/**
 * Whether it is of one entry of a listing alone, which s3stream_error_key() names: the next
 * s3stream_list_next() goes on behind it.
 */
bool s3stream_error_is_of_entry(const s3stream_error *error);

/**
 * "s3://bucket/key"; NULL if the call was about no bucket.
 */
const char *s3stream_error_url(const s3stream_error *error);

/**
 * What went wrong, without the place and the numbers around it. One line.
 */
const char *s3stream_error_message(const s3stream_error *error);

/**
 * Everything in one line for a log: what was done, where, what went wrong, what to do. It
 * holds no secret, no control character and no signed URL.
 */
const char *s3stream_error_line(const s3stream_error *error);

/**
 * Settings with nothing set. NULL only after an internal error.
 */
s3stream_config *s3stream_config_new(void);

/**
 * Sets one setting by its name, from text: durations in seconds ("2.5"), sizes in bytes,
 * yes or no as "true" or "false".
 *
 * S3STREAM_INVALID_INPUT for a name that there is not (the line then has the nearest one) and
 * for a value that the setting does not take; `config` is then as it was before. Names and
 * values are copied.
 */
s3stream_status s3stream_config_set(s3stream_config *config,
                                    const char *name,
                                    const char *value);

/**
 * Frees it; clients that were made from it stay as they are. NULL is allowed.
 */
void s3stream_config_free(s3stream_config *config);

/**
 * How many settings there are.
 */
size_t s3stream_setting_count(void);

/**
 * The name of a setting; NULL if `index` is not below s3stream_setting_count(). This and the
 * two texts below live as long as the process.
 */
const char *s3stream_setting_name(size_t index);

/**
 * One line of help for a setting, with its unit.
 */
const char *s3stream_setting_help(size_t index);

/**
 * The default of a setting, as text; empty where there is none.
 */
const char *s3stream_setting_default(size_t index);

/**
 * Makes a client; nothing is sent yet.
 *
 * `config` may be NULL: everything then comes from the environment and the profile files. It
 * is copied, and may be freed or used again.
 *
 * S3STREAM_INVALID_INPUT that names the setting, variable, file or profile at fault.
 */
s3stream_status s3stream_client_new(const s3stream_config *config, s3stream_client **client);

/**
 * Lists the buckets of these credentials.
 *
 * S3STREAM_ACCESS_DENIED, S3STREAM_PROTOCOL, or those of a failed request.
 */
s3stream_status s3stream_client_list_buckets(const s3stream_client *client,
                                             s3stream_buckets **buckets);

/**
 * Starts a listing of a bucket; the request goes out at the first s3stream_list_next(), which
 * is also what reports a bucket that there is not.
 *
 * `options` may be NULL: everything, newest versions only. They are copied.
 */
s3stream_status s3stream_client_list(const s3stream_client *client,
                                     const char *bucket,
                                     const s3stream_list_options *options,
                                     s3stream_list **list);

/**
 * Describes an object without reading it. `version_id` may be NULL: the newest version.
 *
 * S3STREAM_NOT_FOUND, S3STREAM_ACCESS_DENIED, or those of a failed request. The reply has no
 * body, so a missing bucket cannot be told from a missing key here.
 */
s3stream_status s3stream_client_head(const s3stream_client *client,
                                     const char *bucket,
                                     const char *key,
                                     const char *version_id,
                                     s3stream_object **object);

/**
 * The same for an object, and the version, that a listing described: for keys with a NUL in
 * them too.
 */
s3stream_status s3stream_client_head_object(const s3stream_client *client,
                                            const char *bucket,
                                            const s3stream_object *listed,
                                            s3stream_object **object);

/**
 * Opens an object for reading; its first bytes are on their way when this returns.
 *
 * `options` may be NULL: all of the newest version. They are copied.
 *
 * S3STREAM_NOT_FOUND, S3STREAM_ACCESS_DENIED, S3STREAM_ARCHIVED, S3STREAM_CHANGED where
 * if_match does not hold, S3STREAM_INVALID_INPUT for an offset beyond the end, or those of a
 * failed request.
 */
s3stream_status s3stream_client_open(const s3stream_client *client,
                                     const char *bucket,
                                     const char *key,
                                     const s3stream_open_options *options,
                                     s3stream_reader **reader);

/**
 * The same for an object, and the version, that a listing described, against which the reply is
 * held (see s3stream_open_options_set_listed()): for keys with a NUL in them too. A version_id in
 * `options` wins.
 */
s3stream_status s3stream_client_open_object(const s3stream_client *client,
                                            const char *bucket,
                                            const s3stream_object *listed,
                                            const s3stream_open_options *options,
                                            s3stream_reader **reader);

/**
 * What this client has done so far in this process, counted now.
 */
s3stream_status s3stream_client_stats(const s3stream_client *client, s3stream_stats **stats);

/**
 * Cancels everything that this client and what was made from it are doing, for good. From any
 * thread; a call that waits in another one returns within 100 ms with S3STREAM_CANCELLED, and
 * so does every later one. Not from a signal handler.
 */
s3stream_status s3stream_client_cancel(const s3stream_client *client);

/**
 * Frees it; readers, listings and streams that it made live on. NULL is allowed.
 */
void s3stream_client_free(s3stream_client *client);

/**
 * A copy that the caller owns, of an object that is borrowed from something else. NULL if
 * `object` is NULL.
 */
s3stream_object *s3stream_object_clone(const s3stream_object *object);

/**
 * Frees an object that the caller owns; NULL is allowed.
 */
void s3stream_object_free(s3stream_object *object);

/**
 * The key, byte for byte. Print it by a format of your own: it may hold control characters.
 */
const char *s3stream_object_key(const s3stream_object *object);

/**
 * Bytes of the key, which differs from strlen() of it only if the key has a NUL in it.
 */
size_t s3stream_object_key_length(const s3stream_object *object);

/**
 * The size in bytes; 0 for a delete marker.
 */
uint64_t s3stream_object_size(const s3stream_object *object);

/**
 * The entity tag, without its quotes.
 */
const char *s3stream_object_etag(const s3stream_object *object);

/**
 * Writes the time of the last change, in seconds since 1970-01-01T00:00:00Z, and returns true;
 * returns false, and writes nothing, if the server did not say.
 */
bool s3stream_object_last_modified(const s3stream_object *object, int64_t *unix_seconds);

/**
 * The storage class, in S3's spelling ("STANDARD", "GLACIER", ...).
 */
const char *s3stream_object_storage_class(const s3stream_object *object);

/**
 * The version, in a bucket that has versions; "null" is a version too.
 */
const char *s3stream_object_version_id(const s3stream_object *object);

/**
 * Whether it is the newest version; true where there are no versions.
 */
bool s3stream_object_is_latest(const s3stream_object *object);

/**
 * Whether it is a delete marker, which has no content and cannot be opened.
 */
bool s3stream_object_is_delete_marker(const s3stream_object *object);

/**
 * The media type; only head and readers know it, as all that follows.
 */
const char *s3stream_object_content_type(const s3stream_object *object);

/**
 * How many entries the user metadata has.
 */
size_t s3stream_object_metadata_count(const s3stream_object *object);

/**
 * The name of an entry, in lower case without "x-amz-meta-"; NULL if `index` is too great.
 */
const char *s3stream_object_metadata_name(const s3stream_object *object, size_t index);

/**
 * The value of an entry, for a person: UTF-8, or else Latin-1, which any bytes are; NULL if `index`
 * is too great. To the byte: s3stream_object_metadata_bytes().
 */
const char *s3stream_object_metadata_value(const s3stream_object *object,
                                           size_t index);

/**
 * The value of an entry as it was sent, which need not be text, and writes its length in bytes;
 * NULL, and writes nothing, if `index` is too great. Borrowed from `object`.
 */
const void *s3stream_object_metadata_bytes(const s3stream_object *object,
                                           size_t index,
                                           size_t *length);

/**
 * How many checksums the server keeps (x-amz-checksum-*).
 */
size_t s3stream_object_checksum_count(const s3stream_object *object);

/**
 * By which algorithm ("crc64nvme", "sha256", ...); NULL if `index` is too great.
 */
const char *s3stream_object_checksum_algorithm(const s3stream_object *object, size_t index);

/**
 * The checksum as it was sent: base64, with "-N" behind it where it is a composite of N
 * parts; NULL if `index` is too great.
 */
const char *s3stream_object_checksum_value(const s3stream_object *object, size_t index);

/**
 * A header that the object was written with, for a person: UTF-8, or else Latin-1. NULL if the
 * server did not send it.
 *
 * `name` is "content-type", "cache-control", "content-encoding" (without "aws-chunked"),
 * "content-disposition", "content-language", "expires" (as it was written) or
 * "x-amz-website-redirect-location".
 */
const char *s3stream_object_header(const s3stream_object *object, const char *name);

/**
 * The same as it was sent, which need not be text, and writes its length in bytes; NULL, and
 * writes nothing, if the server did not send it. Borrowed from `object`.
 */
const void *s3stream_object_header_bytes(const s3stream_object *object,
                                         const char *name,
                                         size_t *length);

/**
 * How many fields of user metadata the server has and cannot send.
 */
uint32_t s3stream_object_missing_meta(const s3stream_object *object);

/**
 * How many tags the object has; 0 also where the server did not say.
 */
uint32_t s3stream_object_tag_count(const s3stream_object *object);

/**
 * How the server keeps it encrypted: "AES256", "aws:kms", "aws:kms:dsse", "customer" (SSE-C), or
 * another name of the server's. NULL if it did not say.
 */
const char *s3stream_object_encryption(const s3stream_object *object);

/**
 * The key of the key management service that it is encrypted with.
 */
const char *s3stream_object_kms_key_id(const s3stream_object *object);

/**
 * The algorithm of the customer's key that it is encrypted with: "AES256".
 */
const char *s3stream_object_customer_algorithm(const s3stream_object *object);

/**
 * Who may lift its retention: "GOVERNANCE" (whoever has the right to) or "COMPLIANCE" (nobody).
 */
const char *s3stream_object_retention_mode(const s3stream_object *object);

/**
 * Writes until when it may not be deleted, in seconds since 1970-01-01T00:00:00Z, and returns
 * true; returns false, and writes nothing, if the server did not say.
 */
bool s3stream_object_retain_until(const s3stream_object *object, int64_t *unix_seconds);

/**
 * Whether it may not be deleted, without an end: "ON" or "OFF".
 */
const char *s3stream_object_legal_hold(const s3stream_object *object);

/**
 * In how many parts it was written, where the reply says so; 0 otherwise.
 */
uint32_t s3stream_object_parts_count(const s3stream_object *object);

/**
 * Of what its checksums are: "FULL_OBJECT" or "COMPOSITE".
 */
const char *s3stream_object_checksum_type(const s3stream_object *object);

/**
 * How its replication stands: "COMPLETED", "PENDING", "FAILED" or "REPLICA".
 */
const char *s3stream_object_replication_status(const s3stream_object *object);

/**
 * How many fields of the reply were there and cannot be read by anybody.
 */
size_t s3stream_object_unread_count(const s3stream_object *object);

/**
 * The name of such a field, in lower case; NULL if `index` is too great.
 */
const char *s3stream_object_unread_name(const s3stream_object *object, size_t index);

/**
 * How the restore of an archived object stands: "ongoing" (it cannot be read yet), "restored" (it
 * can be read for now), or NULL (nobody has asked for it, or the server did not say). A listing
 * says so where it was asked to: s3stream_list_options_set_restore_status().
 */
const char *s3stream_object_restore_status(const s3stream_object *object);

/**
 * Writes until when a restored object can be read, in seconds since 1970-01-01T00:00:00Z, and
 * returns true; returns false, and writes nothing, if the server did not say.
 */
bool s3stream_object_restored_until(const s3stream_object *object, int64_t *unix_seconds);

/**
 * Asks for the tags of an object: one request. `version_id` may be NULL: the newest version.
 *
 * s3stream_object_tag_count() says whether there are any. S3STREAM_NOT_FOUND,
 * S3STREAM_ACCESS_DENIED without the right to tags, S3STREAM_UNSUPPORTED or S3STREAM_PROTOCOL where
 * the server knows of none, or those of a failed request.
 */
s3stream_status s3stream_client_tags(const s3stream_client *client,
                                     const char *bucket,
                                     const char *key,
                                     const char *version_id,
                                     s3stream_tags **tags);

/**
 * How many tags there are.
 */
size_t s3stream_tags_count(const s3stream_tags *tags);

/**
 * The key of a tag; NULL if `index` is too great. Borrowed from `tags`.
 */
const char *s3stream_tags_key(const s3stream_tags *tags, size_t index);

/**
 * The value of a tag, which may be empty; NULL if `index` is too great. Borrowed from `tags`.
 */
const char *s3stream_tags_value(const s3stream_tags *tags, size_t index);

/**
 * Frees them; NULL is allowed.
 */
void s3stream_tags_free(s3stream_tags *tags);

/**
 * Asks who may do what with an object: one request. `version_id` may be NULL: the newest version.
 *
 * S3STREAM_NOT_FOUND, S3STREAM_ACCESS_DENIED without the right to it, S3STREAM_UNSUPPORTED where
 * the server knows of none, or those of a failed request.
 */
s3stream_status s3stream_client_acl(const s3stream_client *client,
                                    const char *bucket,
                                    const char *key,
                                    const char *version_id,
                                    s3stream_acl **acl);

/**
 * The owner's id, which means something in its own service only. Borrowed from `acl`.
 */
const char *s3stream_acl_owner_id(const s3stream_acl *acl);

/**
 * The owner's name, where the server gives one. Borrowed from `acl`.
 */
const char *s3stream_acl_owner_name(const s3stream_acl *acl);

/**
 * How many grants there are.
 */
size_t s3stream_acl_grants(const s3stream_acl *acl);

/**
 * The sort of a grantee: "CanonicalUser", "Group" or "AmazonCustomerByEmail"; NULL if `index` is
 * too great. Borrowed from `acl`.
 */
const char *s3stream_acl_kind(const s3stream_acl *acl,
                              size_t index);

/**
 * The grantee: a user's id, a group's URI or an address; NULL if `index` is too great. Borrowed
 * from `acl`.
 */
const char *s3stream_acl_grantee(const s3stream_acl *acl, size_t index);

/**
 * The name of a grantee who is a user; NULL if the server gives none, or if `index` is too great.
 * Borrowed from `acl`.
 */
const char *s3stream_acl_name(const s3stream_acl *acl,
                              size_t index);

/**
 * The right: "FULL_CONTROL", "READ", "WRITE", "READ_ACP" or "WRITE_ACP"; NULL if `index` is too
 * great. Borrowed from `acl`.
 */
const char *s3stream_acl_permission(const s3stream_acl *acl, size_t index);

/**
 * Frees it; NULL is allowed.
 */
void s3stream_acl_free(s3stream_acl *acl);

/**
 * Options that narrow nothing. NULL only after an internal error.
 */
s3stream_list_options *s3stream_list_options_new(void);

/**
 * Only keys that start with this.
 */
s3stream_status s3stream_list_options_set_prefix(s3stream_list_options *options,
                                                 const char *prefix);

/**
 * Groups keys that share a beginning up to this, "/" for folders, into common prefixes.
 */
s3stream_status s3stream_list_options_set_delimiter(s3stream_list_options *options,
                                                    const char *delimiter);

/**
 * Only keys after this one, itself excluded.
 */
s3stream_status s3stream_list_options_set_start_after(s3stream_list_options *options,
                                                      const char *key);

/**
 * Only keys up to this one, itself included.
 */
s3stream_status s3stream_list_options_set_end_at(s3stream_list_options *options,
                                                 const char *key);

/**
 * Whether to list all versions and delete markers, the newest of each key first.
 */
s3stream_status s3stream_list_options_set_versions(s3stream_list_options *options,
                                                   bool versions);

/**
 * Whether to look behind the last key, by one more request, once the server says that there is
 * no more: for whoever backs up all of a bucket. s3stream_list_end() tells what came of it.
 */
s3stream_status s3stream_list_options_set_prove_end(s3stream_list_options *options, bool prove);

/**
 * Whether to ask how the restore of each archived object stands: s3stream_object_restore_status().
 */
s3stream_status s3stream_list_options_set_restore_status(s3stream_list_options *options,
                                                         bool wanted);

/**
 * Whether to refuse a server that lists in another order than by the bytes of the keys: for
 * whoever merges listings.
 */
s3stream_status s3stream_list_options_set_ordered(s3stream_list_options *options, bool ordered);

/**
 * Frees them; NULL is allowed.
 */
void s3stream_list_options_free(s3stream_list_options *options);

/**
 * Gives the next entry; NULL, with S3STREAM_OK, at the proven end and ever after.
 *
 * The entry is borrowed from `list` until the next call with it. An entry that cannot be read (a
 * key that is not UTF-8, a size that is not a number) is S3STREAM_PROTOCOL with an error that
 * names it, s3stream_error_is_of_entry(), and the next call goes on behind it. Any other error
 * ends the listing for good, every later call repeats it: what came before it is true, but it
 * is not all.
 *
 * S3STREAM_NOT_FOUND and S3STREAM_ACCESS_DENIED for the bucket, S3STREAM_INVALID_INPUT for a
 * range in which no key can be, S3STREAM_PROTOCOL for a page that is none of S3's or cannot be
 * the next one, those of a failed request otherwise.
 */
s3stream_status s3stream_list_next(s3stream_list *list,
                                   const s3stream_entry **entry);

/**
 * The object, borrowed from `entry`; NULL if the entry is a common prefix.
 */
const s3stream_object *s3stream_entry_object(const s3stream_entry *entry);

/**
 * The common prefix, its delimiter included, borrowed from `entry`; NULL if the entry is an
 * object.
 */
const char *s3stream_entry_common_prefix(const s3stream_entry *entry);

/**
 * In which order the keys came so far: "ascending" by their bytes, or "unordered", which proves
 * nothing and was followed by the server's tokens. NULL if the listing is in use.
 */
const char *s3stream_list_order(const s3stream_list *list);

/**
 * How the end of the listing is known: "not_reached", "told" by the server alone, "proven" by a
 * request behind the last key or by a key beyond the range, or "outrun", where new keys kept
 * appearing behind it and ten pages of them were taken. NULL if the listing is in use.
 */
const char *s3stream_list_end(const s3stream_list *list);

/**
 * How often the server said that there is no more, and there was: the listing went on.
 */
uint32_t s3stream_list_early_ends(const s3stream_list *list);

/**
 * How many entries could not be read so far.
 */
uint64_t s3stream_list_unreadable(const s3stream_list *list);

/**
 * Whether it is certain that no key came twice: false only for an "unordered" listing of more
 * keys than there is memory to tell apart, and for one that is in use.
 */
bool s3stream_list_no_repeats(const s3stream_list *list);

/**
 * Cancels the listing for good, from any thread but not from a signal handler: a
 * s3stream_list_next() that waits returns within 100 ms with S3STREAM_CANCELLED.
 */
s3stream_status s3stream_list_cancel(const s3stream_list *list);

/**
 * Frees it; NULL is allowed. A stream that is fed by it goes on.
 */
void s3stream_list_free(s3stream_list *list);

/**
 * How many there are.
 */
size_t s3stream_buckets_count(const s3stream_buckets *buckets);

/**
 * The name of one, borrowed from `buckets`; NULL if `index` is too great.
 */
const char *s3stream_buckets_name(const s3stream_buckets *buckets, size_t index);

/**
 * Writes when it was created, in seconds since 1970-01-01T00:00:00Z, and returns true; returns
 * false, and writes nothing, if the server did not say or `index` is too great.
 */
bool s3stream_buckets_created(const s3stream_buckets *buckets,
                              size_t index,
                              int64_t *unix_seconds);

/**
 * Frees it; NULL is allowed.
 */
void s3stream_buckets_free(s3stream_buckets *buckets);

/**
 * Options for all of the newest version. NULL only after an internal error.
 */
s3stream_open_options *s3stream_open_options_new(void);

/**
 * Starts at this byte. A read from an offset is proven by its length only.
 */
s3stream_status s3stream_open_options_set_offset(s3stream_open_options *options,
                                                 uint64_t bytes);

/**
 * Reads at most this many bytes, fewer where the object ends before. A read of a length is
 * proven by that only.
 */
s3stream_status s3stream_open_options_set_length(s3stream_open_options *options,
                                                 uint64_t bytes);

/**
 * Reads this version.
 */
s3stream_status s3stream_open_options_set_version_id(s3stream_open_options *options,
                                                     const char *version_id);

/**
 * Opens the object only if its ETag is this one; otherwise S3STREAM_CHANGED.
 */
s3stream_status s3stream_open_options_set_if_match(s3stream_open_options *options,
                                                   const char *etag);

/**
 * Holds the reply against what a listing or s3stream_client_head() said of the object: the same
 * ETag with another size is S3STREAM_PROTOCOL, another ETag is what
 * s3stream_reader_is_newer_than_listed() says.
 */
s3stream_status s3stream_open_options_set_listed(s3stream_open_options *options,
                                                 const char *etag,
                                                 uint64_t size);

/**
 * Frees them; NULL is allowed.
 */
void s3stream_open_options_free(s3stream_open_options *options);

/**
 * Reads the next bytes into `buffer`, waiting for them, and writes to `count` how many: as many
 * as fit, fewer only at the end or before an error, which the next call then returns.
 *
 * 0 bytes mean the end, and that length and checksum have proven the bytes: see
 * s3stream_reader_verdict(). A read after the end gives 0 again. `length` must not be 0.
 *
 * An error ends the reader for good, every later call repeats it. What was read before it is
 * not to be trusted if it is S3STREAM_INTEGRITY or S3STREAM_CHANGED, and is incomplete otherwise.
 */
s3stream_status s3stream_reader_read(s3stream_reader *reader,
                                     void *buffer,
                                     size_t length,
                                     size_t *count);

/**
 * The object, as the reply that was opened describes it; of a reader of a stream that is not
 * opened yet or failed, as far as the listing described it. Borrowed from `reader` until the
 * next call with it. NULL if `reader` is NULL, in use or broken.
 */
const s3stream_object *s3stream_reader_object(s3stream_reader *reader);

/**
 * Gives the object after waiting for the reply that opens it, for a reader of a stream: an
 * archive wants to know the size before the first byte. Borrowed as by s3stream_reader_object().
 *
 * Those of s3stream_client_open(); the reader has then failed.
 */
s3stream_status s3stream_reader_opened(s3stream_reader *reader,
                                       const s3stream_object **object);

/**
 * Whether the object is another one than was listed, by its ETag: it was written again since.
 * False until the reply has come, where nothing was listed, or if `reader` is NULL, in use or
 * broken. Listed is what a stream was fed by or given as an object, what
 * s3stream_client_open_object() is given, and what s3stream_open_options_set_listed() says.
 */
bool s3stream_reader_is_newer_than_listed(const s3stream_reader *reader);

/**
 * The verdict; NULL until the end has been reached and proven. Borrowed from `reader` until the
 * next call with it.
 */
const s3stream_verdict *s3stream_reader_verdict(s3stream_reader *reader);

/**
 * Offset in the object of the next byte; 0 if `reader` is NULL, in use or broken.
 */
uint64_t s3stream_reader_position(const s3stream_reader *reader);

/**
 * Goes on at this byte of the object; nothing is sent before the next read. After it the end is
 * proven by the length only. Beyond the end there is nothing to read.
 */
s3stream_status s3stream_reader_seek(s3stream_reader *reader, uint64_t offset);

/**
 * Writes to `descriptor` one from which the rest of the object can be read, fed in the background,
 * for an agent that reads or polls itself. It is the caller's, who closes it; closing it before
 * its end ends the feeding. One end of a socket pair, close-on-exec, blocking until it is told
 * otherwise.
 *
 * Its end says nothing: whether the object was whole, s3stream_reader_finish() tells. The reader
 * itself reads no more from here on.
 *
 * S3STREAM_INTERNAL if there are no descriptors or threads left; S3STREAM_INVALID_INPUT if it
 * has a pipe already.
 */
s3stream_status s3stream_reader_open_pipe(s3stream_reader *reader,
                                          int *descriptor);

/**
 * Tells what became of a read through a pipe, after the pipe's end: S3STREAM_OK, and then
 * s3stream_reader_verdict() has the verdict, or the error. It waits until everything has been
 * written: do not call it before the pipe's end was read. Without a pipe it reads what is left,
 * and drops it.
 *
 * Those of s3stream_reader_read(); S3STREAM_CANCELLED if the pipe was closed before its end.
 */
s3stream_status s3stream_reader_finish(s3stream_reader *reader);

/**
 * Cancels the reader for good, from any thread but not from a signal handler: a read that waits
 * returns within 100 ms with S3STREAM_CANCELLED.
 */
s3stream_status s3stream_reader_cancel(const s3stream_reader *reader);

/**
 * Frees it, at the end or before; NULL is allowed.
 */
void s3stream_reader_free(s3stream_reader *reader);

/**
 * By which method the end was proven: "sha256", "sha1", "crc64nvme", "crc32c", "crc32", "md5",
 * "composite", "length" (no digest proves it: see s3stream_verdict_unproven()) or "range" (a
 * part of an object, of which no checksum speaks). Borrowed from `verdict`; NULL if that is NULL.
 */
const char *s3stream_verdict_method(const s3stream_verdict *verdict);

/**
 * Whether a digest that the server stated proves the bytes, and not their number alone.
 */
bool s3stream_verdict_is_proven(const s3stream_verdict *verdict);

/**
 * Why no digest proves the bytes: "none offered", "not checkable" (a checksum of the parts, whose
 * size nobody tells), "read twice" (that checksum disagrees at a likely part size, and a second
 * read gave the same bytes), "not read twice" (it disagrees, and read_twice is off), "not asked
 * for" (integrity leaves it out) or "range". Borrowed from `verdict`; NULL where a digest proves
 * them, and if `verdict` is NULL.
 */
const char *s3stream_verdict_unproven(const s3stream_verdict *verdict);

/**
 * Whether the digest disagrees at the one part size at which the bucket's other objects agreed.
 */
bool s3stream_verdict_is_probably_damaged(const s3stream_verdict *verdict);

/**
 * The digest that proves the bytes, as the server states it: base64, with "-N" behind it where it
 * is of N parts. Of an ETag that is an MD5, the MD5 in base64. Borrowed from `verdict`; NULL where
 * no digest proves them, and if `verdict` is NULL.
 */
const char *s3stream_verdict_digest(const s3stream_verdict *verdict);

/**
 * By which algorithm that digest is ("crc64nvme", "md5", ...): of a composite, that of the parts.
 * Borrowed from `verdict`; NULL where there is none.
 */
const char *s3stream_verdict_digest_algorithm(const s3stream_verdict *verdict);

/**
 * Our own digest of the bytes that were delivered, whatever proves them: their CRC-64/NVME in
 * base64. Borrowed from `verdict`; NULL for a part of an object, where own_digest is off, and if
 * `verdict` is NULL.
 */
const char *s3stream_verdict_own_digest(const s3stream_verdict *verdict);

/**
 * Bytes that were delivered.
 */
uint64_t s3stream_verdict_bytes(const s3stream_verdict *verdict);

/**
 * Bytes of a second read of the object, made only to compare it with the first.
 */
uint64_t s3stream_verdict_reread(const s3stream_verdict *verdict);

/**
 * How often the body was taken up again at an offset, on another connection.
 */
uint32_t s3stream_verdict_resumes(const s3stream_verdict *verdict);

/**
 * How many requests were repeated because they failed.
 */
uint32_t s3stream_verdict_retries(const s3stream_verdict *verdict);

/**
 * A copy that the caller owns; NULL if `verdict` is NULL.
 */
s3stream_verdict *s3stream_verdict_clone(const s3stream_verdict *verdict);

/**
 * Frees a copy; NULL is allowed.
 */
void s3stream_verdict_free(s3stream_verdict *verdict);

/**
 * The defaults. NULL only after an internal error.
 */
s3stream_stream_options *s3stream_stream_options_new(void);

/**
 * How many requests are kept in flight ahead of the consumer, within the client's
 * memory_limit; 16 unless set.
 */
s3stream_status s3stream_stream_options_set_concurrency(s3stream_stream_options *options,
                                                        size_t requests);

/**
 * Frees them; NULL is allowed.
 */
void s3stream_stream_options_free(s3stream_stream_options *options);

/**
 * The newest version under a key. `wanted` is the caller's, who frees it.
 */
s3stream_status s3stream_wanted_of_key(const char *key, s3stream_wanted **wanted);

/**
 * An object that a listing described, and its version where the listing gave versions.
 * `wanted` is the caller's, who frees it.
 */
s3stream_status s3stream_wanted_of_object(const s3stream_object *object,
                                          s3stream_wanted **wanted);

/**
 * This version.
 */
s3stream_status s3stream_wanted_set_version_id(s3stream_wanted *wanted, const char *version_id);

/**
 * Only if its ETag is this one; otherwise its reader fails with S3STREAM_CHANGED.
 */
s3stream_status s3stream_wanted_set_if_match(s3stream_wanted *wanted, const char *etag);

/**
 * What a listing said of it: its reply is held against that, as it is for an object that a
 * listing described. See s3stream_open_options_set_listed().
 */
s3stream_status s3stream_wanted_set_listed(s3stream_wanted *wanted,
                                           const char *etag,
                                           uint64_t size);

/**
 * Its size in bytes, as far as known: so much memory is planned for.
 */
s3stream_status s3stream_wanted_set_size(s3stream_wanted *wanted, uint64_t bytes);

/**
 * Whether it is requested ahead, as it is unless set; otherwise its request goes out when its
 * reader is first read, for an object that the agent may skip.
 */
s3stream_status s3stream_wanted_set_ahead(s3stream_wanted *wanted, bool ahead);

/**
 * Frees it; NULL is allowed.
 */
void s3stream_wanted_free(s3stream_wanted *wanted);

/**
 * Starts a stream of objects of one bucket. `options` may be NULL; they are copied.
 *
 * S3STREAM_INTERNAL if no thread can be started.
 */
s3stream_status s3stream_client_stream(const s3stream_client *client,
                                       const char *bucket,
                                       const s3stream_stream_options *options,
                                       s3stream_stream **stream);

/**
 * Feeds the stream by a listing of the same bucket without a delimiter, behind what it was
 * given before. It takes entries as it needs them, in s3stream_stream_next().
 *
 * The listing stays the caller's, who frees it at any time, also before the stream has taken
 * all of it; what is taken from it by s3stream_list_next() is not in the stream.
 */
s3stream_status s3stream_stream_feed(s3stream_stream *stream, const s3stream_list *list);

/**
 * Whether more is welcome: an agent with a source of its own pushes while this is true. Pushing
 * more is allowed; it only waits in line.
 */
bool s3stream_stream_has_room(const s3stream_stream *stream);

/**
 * Adds an object behind those before it. `wanted` is copied.
 */
s3stream_status s3stream_stream_push(s3stream_stream *stream, const s3stream_wanted *wanted);

/**
 * The same for the newest version under a key.
 */
s3stream_status s3stream_stream_push_key(s3stream_stream *stream, const char *key);

/**
 * The same for an object that a listing described, which is copied.
 */
s3stream_status s3stream_stream_push_object(s3stream_stream *stream,
                                            const s3stream_object *object);

/**
 * Gives the reader of the next object, once it is opened or has failed; NULL, with S3STREAM_OK,
 * when all that was given so far has been handed out: more may be pushed then.
 *
 * The reader is the caller's, who frees it, before or after the next one. An object that could
 * not be opened is a reader whose first read returns why: its failure is not the stream's.
 *
 * The failure of a listing, which comes behind the objects before it; S3STREAM_CANCELLED.
 */
s3stream_status s3stream_stream_next(s3stream_stream *stream, s3stream_reader **reader);

/**
 * Cancels the stream and all its readers for good, from any thread but not from a signal
 * handler: calls that wait return within 100 ms with S3STREAM_CANCELLED.
 */
s3stream_status s3stream_stream_cancel(const s3stream_stream *stream);

/**
 * Frees it, and drops what it fetched ahead; readers that it gave live on. NULL is allowed.
 */
void s3stream_stream_free(s3stream_stream *stream);

/**
 * Requests sent, repeated ones included. 0 if `stats` is NULL, as all that follow.
 */
uint64_t s3stream_stats_requests(const s3stream_stats *stats);

/**
 * Bytes of objects read, as they reached readers.
 */
uint64_t s3stream_stats_bytes(const s3stream_stats *stats);

/**
 * Requests repeated because they failed.
 */
uint64_t s3stream_stats_retries(const s3stream_stats *stats);

/**
 * Bodies taken up again at an offset.
 */
uint64_t s3stream_stats_resumes(const s3stream_stats *stats);

/**
 * Replies that asked for fewer requests.
 */
uint64_t s3stream_stats_throttles(const s3stream_stats *stats);

/**
 * Objects that were read to their end without a digest that proves them; parts of objects are not
 * counted.
 */
uint64_t s3stream_stats_unproven(const s3stream_stats *stats);

/**
 * Outages that began: the endpoint answered nothing any more, and is waited for, up to `retry_for`.
 */
uint64_t s3stream_stats_outages(const s3stream_stats *stats);

/**
 * Outages that are over. While this is less than `s3stream_stats_outages`, one lasts.
 */
uint64_t s3stream_stats_outages_over(const s3stream_stats *stats);

/**
 * Seconds that all outages have lasted, the present one included.
 */
uint64_t s3stream_stats_outage_seconds(const s3stream_stats *stats);

/**
 * Frees it; NULL is allowed.
 */
void s3stream_stats_free(s3stream_stats *stats);

/**
 * Starts a listing. NULL only after an internal error.
 */
s3stream_names *s3stream_names_new(void);

/**
 * Gives the file name of the next object: a relative path that never leaves its directory,
 * that every Linux file system takes, and that s3stream_key() turns back into the key.
 *
 * Every object of the listing must come, in its order, whatever becomes of it: "a" decides on
 * the name of "a/b" behind it. Several versions of one key have the same name. The text is the
 * caller's, who frees it.
 */
s3stream_status s3stream_names_file_name(s3stream_names *names,
                                         const s3stream_object *object,
                                         s3stream_text **file_name);

/**
 * Frees it; NULL is allowed.
 */
void s3stream_names_free(s3stream_names *names);

/**
 * Gives the file name of one key on its own: where "a" and "a/b" may both be keys, use
 * s3stream_names_file_name().
 *
 * `key_length` is in bytes. S3STREAM_INVALID_INPUT if the key is not UTF-8. The text is the
 * caller's, who frees it.
 */
s3stream_status s3stream_file_name(const char *key,
                                   size_t key_length,
                                   s3stream_text **file_name);

/**
 * Gives the key of a file name that one of the functions above made.
 *
 * S3STREAM_INVALID_INPUT if they never make such a name. The text is the caller's, who frees it.
 */
s3stream_status s3stream_key(const char *file_name,
                             s3stream_text **key);

/**
 * Gives the path of one version of a key: for all its life, and never a key's own. Delete markers
 * have one too; where a listing gives no version, its id is "null".
 *
 * `key_length` is in bytes. S3STREAM_INVALID_INPUT if one of them is not UTF-8. The text is the
 * caller's, who frees it.
 */
s3stream_status s3stream_version_file_name(const char *key,
                                           size_t key_length,
                                           const char *version_id,
                                           s3stream_text **file_name);

/**
 * Gives the key and the version's id of a path that s3stream_version_file_name() made.
 *
 * S3STREAM_INVALID_INPUT if it never makes such a path. The texts are the caller's, who frees
 * them.
 */
s3stream_status s3stream_version_of(const char *file_name,
                                    s3stream_text **key,
                                    s3stream_text **version_id);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* S3STREAM_H */
